import { defineConfig } from 'vitest/config';

const TEMPLATES = 'test/config/rules.test.ts';
const COMMANDS = 'test/docs/commands.test.ts';
const WHEELS = 'test/processing/kernel-wheels.test.ts';
/** Asks servers that only `npm run test:sources` installs. */
const SOURCES = ['test/e2e/sources.test.ts', 'test/e2e/object-stores.test.ts'];
/** Files that need modules of their own. */
const ISOLATED = [
  // Replaces a module of Node.
  'test/functions/provision-warehouse/creation.test.ts',
  // Asks AWS by real clients, whose classes other files have replaced.
  'test/operator/page/server.test.ts',
  // Reads the metrics that the others keep out of the output of the tests.
  'test/functions/record-outcome/metrics.test.ts',
];

const TEMPORARY_FOLDER = 'test/support/temporary-folder.ts';

/** Loading the rule packs takes longer than all synthesis of a test file: the project `templates` applies them to every environment. */
const WITHOUT_RULES = { CDK_VALIDATION: 'false' };

/** What the fast tests have in common. */
const unit = {
  globalSetup: TEMPORARY_FOLDER,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Synthesis is heavy: two workers are what two cores bear.
  maxWorkers: 2,
  env: WITHOUT_RULES,
};

/** Each file runs the whole platform, Spark included: one after the other. */
const endToEnd = {
  globalSetup: TEMPORARY_FOLDER,
  env: WITHOUT_RULES,
  fileParallelism: false,
  // A bound, not a measure: on a busy machine a run takes several times as long.
  testTimeout: 1_800_000,
  hookTimeout: 1_800_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', TEMPLATES, COMMANDS, WHEELS, ...ISOLATED, 'node_modules/**'],
          // Files share modules: more than a third of the time was loading the CDK and the AWS clients again. A client's class that one
          // file has replaced stays replaced for the next, so each file replaces those that it uses.
          isolate: false,
          env: { ...WITHOUT_RULES, POWERTOOLS_METRICS_DISABLED: 'true' },
        },
      },
      { test: { ...unit, name: 'unit-isolated', include: ISOLATED } },
      {
        // The rule packs and cfn-lint over every environment's templates: half a minute, so not part of the fast feedback.
        test: { name: 'templates', globalSetup: TEMPORARY_FOLDER, include: [TEMPLATES], testTimeout: 180_000 },
      },
      {
        // Every command of the documentation, by real programs where they are there: too slow for the fast feedback.
        test: { name: 'documented-commands', globalSetup: TEMPORARY_FOLDER, include: [COMMANDS], testTimeout: 180_000 },
      },
      {
        // Installs a fresh Python: too slow for the fast feedback, too.
        test: { name: 'kernel-wheels', globalSetup: TEMPORARY_FOLDER, include: [WHEELS], testTimeout: 60_000 },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...SOURCES, 'node_modules/**'],
        },
      },
      { test: { ...endToEnd, name: 'sources', include: SOURCES } },
    ],
  },
});
