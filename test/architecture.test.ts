import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../local/paths';
import { circular, readImportGraph, trespasses } from './support/import-graph';
import { orchestrationSettings } from './support/orchestration';
import { configuration, synthesise } from './support/synthesised';

const lib = readImportGraph('lib');

describe('the boundaries inside lib/', () => {
  it('are kept by every import', () => {
    expect(Object.keys(lib).length).toBeGreaterThan(100);
    expect(trespasses(lib)).toEqual([]);
  });

  it.each([
    ['a function that imports the CDK', 'lib/functions/start-batch/handler.ts', 'aws-cdk-lib/aws-kms'],
    ['a function that imports settings', 'lib/functions/ledger/ledger.ts', 'lib/config/schema.ts'],
    [
      'a function that imports another',
      'lib/functions/start-batch/handler.ts',
      'lib/functions/register-files/arrivals.ts',
    ],
    ['a contract that imports the CDK', 'lib/contracts/tables.ts', 'constructs'],
    [
      'a construct that imports the code of a function',
      'lib/intake/batching.ts',
      'lib/functions/start-batch/handler.ts',
    ],
    ['processing that reaches back to intake', 'lib/processing/processing-stack.ts', 'lib/intake/intake-stack.ts'],
    ['storage that reaches back to processing', 'lib/storage/storage-stack.ts', 'lib/processing/processing-stack.ts'],
    ['the kit that knows a domain', 'lib/kit/grants.ts', 'lib/storage/storage-stack.ts'],
    ['a room that the list does not have', 'lib/billing/billing-stack.ts', 'lib/kit/grants.ts'],
  ])('are broken by %s', (_what, module, imported) => {
    expect(trespasses({ ...lib, [module]: [...(lib[module] ?? []), imported] })).toEqual([`${module} → ${imported}`]);
  });

  it('leave no import circle', () => {
    expect(circular(lib)).toEqual([]);
    expect(circular({ a: ['b'], b: ['c'], c: ['b'] })).toEqual(['b', 'c']);
  });
});

describe('the folders of functions', () => {
  it('with a handler are exactly the functions that the stacks deploy', () => {
    const { processing, intake, warehouse, orchestration } = synthesise(
      configuration({ ...orchestrationSettings(), intake: { mode: 'batched' }, alarms: { processingMinutes: 90 } }),
    );
    const deployed = [processing, intake, warehouse, orchestration]
      .flatMap((template) => Object.values(template?.findResources('AWS::Lambda::Function') ?? {}))
      .map(({ Properties }) => String(Properties.FunctionName ?? ''))
      .filter((name) => name.startsWith('reviews-test-'));
    const folders = globSync('lib/functions/*/handler.ts', { cwd: ROOT }).map((path) => path.split('/')[2]);
    expect(deployed.map((name) => name.replace('reviews-test-', '')).sort()).toEqual(folders.sort());
  });
});
