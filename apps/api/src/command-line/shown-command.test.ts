import { expect, it } from 'vitest';
import { sameCommand, shownCommand } from './shown-command.ts';

it('shows a command as it can be typed, through Nx where it came from there', () => {
  expect(shownCommand(['train', '--data', '../shared/data'], {})).toBe('npx kinetune train --data ../shared/data');
  const nx = { NX_TASK_TARGET_PROJECT: 'api' };
  expect(shownCommand(['train'], nx)).toBe('npx nx run api:train');
  expect(shownCommand(['train', '--trials', '8'], nx)).toBe('npx nx run api:train -- --trials 8');
  expect(shownCommand(['study', 'list'], nx)).toBe('npx kinetune study list');
});

it('quotes what a shell would split or expand', () => {
  expect(shownCommand(['train', "it's my study.yaml"], {})).toBe(`npx kinetune train 'it'\\''s my study.yaml'`);
});

it('continues without --fresh, which would start another study', () => {
  expect(sameCommand(['node', 'kinetune.ts', 'train', '--fresh', '--slots', '2'])).toEqual(['train', '--slots', '2']);
});
