#!/usr/bin/env node
/** The `kinetune` command. */
import { launch } from './launch.mjs';

await launch('apps/api/src/kinetune.ts');
