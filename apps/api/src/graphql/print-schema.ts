/** Writes the schema that clients are built against: node apps/api/src/graphql/print-schema.ts [--check] */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printSchema } from 'graphql';
import { schema } from './schema.ts';

const file = join(import.meta.dirname, '..', '..', 'schema.graphql');
const text = `${printSchema(schema)}\n`;
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write('apps/api/schema.graphql is stale; write it anew: npm run print-schema -w @kinetune/api\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
