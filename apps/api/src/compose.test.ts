/** compose.yaml without Docker: its form, and that what it names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createProgram } from './command-line/program.ts';

const root = join(import.meta.dirname, '../../..');

/** What Compose's specification says of the keys that are used here; others are refused. */
const service = z.strictObject({
  image: z.string().optional(),
  build: z.string().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string().regex(/^(\d+\.){3}\d+:\d+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^[a-z]+:\/\S+$/)),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
      interval: z.string().regex(/^\d+s$/),
      timeout: z.string().regex(/^\d+s$/),
      retries: z.number().int().optional(),
      start_period: z
        .string()
        .regex(/^\d+s$/)
        .optional(),
    })
    .optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
});
const document = z.strictObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

describe('compose.yaml', () => {
  const text = readFileSync(join(root, 'compose.yaml'), 'utf8');
  const { services, volumes } = document.parse(parse(text, { merge: true }));

  it('starts after what it depends on, which says when it is healthy', () => {
    for (const { depends_on: before = {} } of Object.values(services))
      for (const name of Object.keys(before)) expect(services[name]?.healthcheck).toBeDefined();
  });

  it('names volumes that it declares, and an image that it builds', () => {
    const used = Object.values(services).flatMap((one) => one.volumes.map((volume) => volume.split(':')[0] as string));
    expect([...new Set(used)].sort()).toEqual(Object.keys(volumes).sort());
    expect(services['api']).toMatchObject({ build: '.', image: services['worker']?.image });
    expect(existsSync(join(root, 'Dockerfile'))).toBe(true);
  });

  it('runs commands that there are, with options that they have', () => {
    for (const { command } of Object.values(services)) {
      if (command === undefined) continue;
      const [name, ...words] = command;
      const sub = createProgram().commands.find((one) => one.name() === name);
      const options = words.filter((word) => word.startsWith('--'));
      expect(sub?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
    }
  });

  it('holds no password, and is reached from this machine alone', () => {
    expect(text).not.toMatch(/PASSWORD: (?!\$\{KINETUNE_DATABASE_PASSWORD:\?)/);
    for (const port of services['api']?.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('is made by a Dockerfile whose last stage runs as somebody who is not root', () => {
    const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER node');
    const entry = JSON.parse((last.find((line) => line.startsWith('ENTRYPOINT ')) ?? '').slice(11)) as string[];
    expect(existsSync(join(root, entry.at(-1) as string))).toBe(true);
    for (const line of lines.filter((one) => /^RUN npm ci/.test(one)))
      for (const script of line.match(/\S+\.mjs/g) ?? []) expect(existsSync(join(root, script))).toBe(true);
  });
});
