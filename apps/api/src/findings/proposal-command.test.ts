import { expect, it } from 'vitest';
import { proposalCommand } from './proposal-command.ts';

it('a proposal comes with the command that does it', () => {
  const study = { name: 'quick-start', isTrainable: true };
  const domains = { learningRate: { type: 'float', minimum: 1e-5, maximum: 0.0503214, scale: 'log' } } as const;
  expect(proposalCommand({ action: 'widen-space', text: '', domains }, study)).toBe(
    'npx kinetune study widen quick-start --hyperparameter learningRate=0.00001..0.0503214',
  );
  const whole = { embeddingSize: { type: 'int', minimum: 1239, maximum: 4096, scale: 'log' } } as const;
  expect(proposalCommand({ action: 'widen-space', text: '', domains: whole }, study)).toContain('=1239..4096');
  expect(proposalCommand({ action: 'replicate', text: '', trial: 3 }, study)).toBe(
    'npx kinetune study replicate quick-start --trial 3',
  );
  expect(proposalCommand({ action: 'exploit', text: '' }, study)).toBe('npx kinetune study refine quick-start');
  const imported = { ...study, isTrainable: false };
  expect(proposalCommand({ action: 'replicate', text: '' }, imported)).toBeUndefined();
  expect(proposalCommand({ action: 'exploit', text: '' }, imported)).toBeDefined();
  expect(proposalCommand({ action: 'look-for-bug', text: '' }, study)).toBeUndefined();
});
