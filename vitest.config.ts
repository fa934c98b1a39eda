import { defineConfig } from 'vitest/config';

const TEMPLATES = 'test/config/rules.test.ts';
const COMMANDS = 'test/docs/commands.test.ts';
const SYNTHESIS = [
  'test/stacks.test.ts',
  'test/{config,storage,intake,processing,warehouse,orchestration,monitoring}/**/*.test.ts',
  // They hand the resources of the synthesised stack to the function. `creation` mocks a module, so it stays isolated.
  'test/functions/provision-warehouse/!(creation|login).test.ts',
];

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
          exclude: ['test/e2e/**', COMMANDS, ...SYNTHESIS, 'node_modules/**'],
        },
      },
      {
        // These synthesise and share no state, so they share the modules too: most of their time was loading the CDK again.
        test: { ...unit, name: 'unit-synthesis', include: SYNTHESIS, exclude: [TEMPLATES], isolate: false },
      },
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
