/** `kinetune study show`. */
import type { Command } from 'commander';
import { renderFindings } from '../../findings/render-findings.ts';
import { hasUnicode } from '../../terminal/has-unicode.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { deskCommand } from './study-options.ts';

export function showCommand(): Command {
  return deskCommand('show', 'the findings of a study', async ({ desk, name, output }) => {
    const findings = await desk.findings(name);
    output.result(
      renderFindings(findings, { width: output.width, styles: output.resultStyles, hasUnicode: hasUnicode() }),
    );
    output.json(findings);
    return EXIT_CODES.ok;
  });
}
