#!/usr/bin/env node
/** Obtains libtensorflow and builds the addon; runs on Node 20 and newer. */
import { launch } from '../launch/launch.mjs';

await launch('tools/native/src/main.ts');
