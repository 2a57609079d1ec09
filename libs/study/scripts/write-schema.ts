/** Writes studies/study.schema.json, which editors check study files against: node libs/study/scripts/write-schema.ts */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { studyFileJsonSchema } from '../src/study-file.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const file = join(root, 'studies', 'study.schema.json');
writeFileSync(file, JSON.stringify(studyFileJsonSchema(), null, 2));
execFileSync(join(root, 'node_modules', '.bin', 'prettier'), ['--write', file], { stdio: 'inherit' });
