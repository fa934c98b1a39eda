import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { acknowledgeWildcards } from '../../lib/config/acknowledge-wildcards';
import type { SettingsInput } from '../../lib/config/schema';
import { loadConfiguration } from '../../lib/config/settings';
import { binOf } from '../../local/paths';
import { configuration, newApp, type SynthesisedPipeline, synthesise } from '../support/synthesised';
import { PUBLIC_KEY, warehouseSettings } from '../support/warehouse';

const cfnLint = join(binOf('aws'), 'cfn-lint');

const contexts: Record<string, Record<string, string>> = {
  dev: { env: 'dev' },
  'dev, its data destroyed': { env: 'dev', allowDestroy: 'dev' },
  prod: { env: 'prod' },
  local: { env: 'local' },
};
const everyOption: Partial<SettingsInput> = {
  alertEmails: ['on-call@example.com'],
  data: { objectLock: { mode: 'GOVERNANCE', days: 30 } },
  intake: { mode: 'batched' },
  ...warehouseSettings({ compute: {}, dbtPublicKey: PUBLIC_KEY }),
};
const environments: [string, SynthesisedPipeline][] = [
  ...Object.entries(contexts).map(([name, flags]): [string, SynthesisedPipeline] => [
    name,
    synthesise(loadConfiguration(newApp(flags).node)),
  ]),
  ['an environment with all that is optional', synthesise(configuration(everyOption))],
];

describe('the templates', () => {
  it.each(environments)(
    "of %s pass the rule packs AwsSolutions and Serverless and the CDK's own rules",
    (_name, { app, folder }) => {
      const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'));
      expect(report.pluginReports).toEqual([]);
      for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
        expect(pack.validateScope(app).violations).toEqual([]);
      }
    },
  );

  // Linting is heavy, and what else may differ adds no kind of resource: the environments as they are deployed will do.
  it.skipIf(!existsSync(cfnLint))('of dev, prod and local pass cfn-lint', { timeout: 180_000 }, async () => {
    const deployed = environments.filter(([name]) => ['dev', 'prod', 'local'].includes(name));
    const templates = deployed.flatMap(([, { folder }]) => globSync(join(folder, '*.template.json')));
    // Four stacks each, and the warehouse of the one-machine edition.
    expect(templates).toHaveLength(3 * 4 + 1);
    // W3005: the CDK states dependencies that a reference implies as well.
    await promisify(execFile)(cfnLint, ['--ignore-checks', 'W3005', '--', ...templates]);
  });
});

describe('the acknowledgement of a wildcard', () => {
  function roleWithTwoWildcards() {
    const app = newApp();
    const role = new Role(new Stack(app, 'Stack'), 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const resources = ['arn:aws:s3:::bucket/known/*', 'arn:aws:s3:::bucket/other/*'];
    role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources }));
    return { app, role };
  }

  it('covers no other wildcard of the role', () => {
    const { app, role } = roleWithTwoWildcards();
    acknowledgeWildcards(role, { resource: '/known/*', reason: 'A test.' });
    app.synth();
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([
      'AwsSolutions-IAM5[Resource::arn:aws:s3:::bucket/other/*]',
    ]);
  });

  it('is an error once the wildcard is gone', () => {
    const { app, role } = roleWithTwoWildcards();
    acknowledgeWildcards(role, { resource: '/gone/*', reason: 'A test.' });
    expect(() => app.synth()).toThrow('No statement of Stack/Role allows a resource that ends in /gone/*');
  });
});
