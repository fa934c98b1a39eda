import { defineConfig } from 'vitest/config';

const TEMPLATES = 'test/config/rules.test.ts';
const COMMANDS = 'test/docs/commands.test.ts';
/** It replaces a module of Node, which the others would share. */
const MOCKS_A_MODULE = 'test/functions/provision-warehouse/creation.test.ts';

/** What the fast tests have in common. */
const unit = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Synthesis is heavy: two workers are what two cores bear.
  maxWorkers: 2,
  // Without the CDK's own rules, whose loading takes longer than all synthesis of a test file: the project `templates`
  // applies them to every environment.
  env: { CDK_VALIDATION: 'false' },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', TEMPLATES, COMMANDS, MOCKS_A_MODULE, 'node_modules/**'],
          // The files leave nothing behind in modules, so they share them: more than half of the time was loading the CDK and the
          // AWS clients again.
          isolate: false,
        },
      },
      { test: { ...unit, name: 'unit-isolated', include: [MOCKS_A_MODULE] } },
      {
        // The rule packs and cfn-lint over every environment's templates: half a minute, so not part of the fast feedback.
        test: { name: 'templates', include: [TEMPLATES], testTimeout: 180_000 },
      },
      {
        // Every command of the documentation, by real programs where they are there: too slow for the fast feedback.
        test: { name: 'documented-commands', include: [COMMANDS], testTimeout: 180_000 },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Each file runs the whole platform, Spark included: one after the other.
          fileParallelism: false,
          // A bound, not a measure: on a busy machine a run takes several times as long.
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
