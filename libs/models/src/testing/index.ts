// Contract suites
export { describeEngine } from './describe-engine.ts';
export { describeModel } from './describe-model.ts';

// PyTorch's numbers
export { readModelFixtures, relativeError, type FixtureSteps, type ModelFixture } from './model-fixture.ts';
