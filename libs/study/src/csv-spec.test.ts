import { describe, expect, it } from 'vitest';
import { parseStudyFile } from './study-file.ts';

const study = (csv: string): string => `name: mine
goal: which rate?
data: { dataset: csv, path: walk.csv, csv: { ${csv} } }
model: cnn1d
space: { learningRate: { type: float, minimum: 0.001, maximum: 0.1, scale: log } }
budget: { trials: 3 }
`;

describe('the csv part of a study file', () => {
  it('adds nothing of its own: a file without a time or a person column can be named', () => {
    expect(parseStudyFile(study('sampleRateHz: 50'), 'my.yaml').data?.csv).toEqual({ sampleRateHz: 50 });
  });

  it('has every option that the importer has', () => {
    const text =
      "time: t, timeUnit: ms, channels: [x], label: what, labels: [a, b], subject: who, recording: session, accelerationUnit: m/s2, angularVelocityUnit: deg/s, flip: [x], delimiter: ';', maxGapSamples: 3";
    expect(parseStudyFile(study(text), 'my.yaml').data?.csv).toMatchObject({ timeUnit: 'ms', flip: ['x'] });
  });

  it.each([
    ['timeUnit: minutes', /my\.yaml:3: data\.csv\.timeUnit: /],
    ['channels: []', /my\.yaml:3: data\.csv\.channels: /],
    ['delimiter: ab', /my\.yaml:3: data\.csv\.delimiter: /],
    ['lable: what', /my\.yaml:3: data\.csv\.lable: unknown field/],
  ])('refuses %s by line and field', (csv, message) => {
    expect(() => parseStudyFile(study(csv), 'my.yaml')).toThrow(message);
  });
});
