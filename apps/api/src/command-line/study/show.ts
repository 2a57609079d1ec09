/** `kinetune study show`. */
import type { Command } from 'commander';
import { gatherFindings } from '../../findings/gather-findings.ts';
import { renderFindings } from '../../findings/render-findings.ts';
import { findStudyData } from '../../studies/study-data.ts';
import { hasUnicode } from '../../terminal/has-unicode.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { namedStudyCommand } from './study-options.ts';

export function showCommand(): Command {
  return namedStudyCommand('show', 'the findings of a study', async ({ storage: { db }, study, output }) => {
    const findings = await gatherFindings(db, study, { data: await findStudyData(db, study) });
    output.result(
      renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
    );
    output.json(findings);
    return EXIT_CODES.ok;
  });
}
