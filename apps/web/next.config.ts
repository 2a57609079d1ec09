import { join } from 'node:path';
import type { NextConfig } from 'next';

export default {
  // The libraries are TypeScript source in this workspace.
  transpilePackages: ['@kinetune/models', '@kinetune/study'],
  turbopack: { root: join(import.meta.dirname, '..', '..') },
  poweredByHeader: false,
} satisfies NextConfig;
