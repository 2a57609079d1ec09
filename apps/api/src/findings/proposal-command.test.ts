import { expect, it } from 'vitest';
import { proposalCommand } from './proposal-command.ts';

it('a proposal comes with the command that does it', () => {
  const domains = { learningRate: { type: 'float', minimum: 1e-5, maximum: 0.0503214, scale: 'log' } } as const;
  expect(proposalCommand({ action: 'widen-space', text: '', domains }, 'quick-start')).toBe(
    'npx kinetune study widen quick-start --hyperparameter learningRate=0.00001..0.0503',
  );
  expect(proposalCommand({ action: 'replicate', text: '', trial: 3 }, 'quick-start')).toBe(
    'npx kinetune study replicate quick-start --trial 3',
  );
  expect(proposalCommand({ action: 'exploit', text: '' }, 'quick-start')).toBe('npx kinetune study refine quick-start');
  expect(proposalCommand({ action: 'look-for-bug', text: '' }, 'quick-start')).toBeUndefined();
});
