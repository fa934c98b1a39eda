import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../lib/config/environments';
import type { SettingsInput } from '../../lib/config/schema';
import { loadConfiguration, parseSettings } from '../../lib/config/settings';
import { acknowledgeWildcards } from '../../lib/kit/acknowledge-wildcards';
import { binOf } from '../../local/paths';
import { orchestrationSettings, SHAPES } from '../support/orchestration';
import { configuration, newApp, type SynthesisedPipeline, synthesise } from '../support/synthesised';
import { PUBLIC_KEY, warehouseSettings } from '../support/warehouse';

const cfnLint = join(binOf('aws'), 'cfn-lint');
const checkov = join(binOf('checkov'), 'checkov');

/** What the test reads of checkov's report. */
interface CheckovReport {
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
}

const contexts: Record<string, Record<string, string>> = {
  dev: { env: 'dev' },
  'dev, its data destroyed': { env: 'dev', allowDestroy: 'dev' },
  local: { env: 'local' },
  example: { env: 'example' },
};
const alertEmails = ['on-call@example.com'];
const everyOption: Partial<SettingsInput> = {
  alertEmails,
  data: {
    objectLock: { mode: 'GOVERNANCE', days: 30 },
    producers: [{ principal: '555566667777', folder: 'acme' }],
    dataEvents: true,
    replica: { bucketArn: 'arn:aws:s3:::copies', keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d' },
  },
  intake: { mode: 'batched' },
  connectors: ['steam-reviews', 'business-profile', 'shop-database'],
  connectorNetworks: {
    'shop-database': { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] },
  },
  streams: [
    {
      name: 'live',
      source: 'native',
      topic: 'reviews',
      deadLetterTopic: 'reviews-dead-letters',
      cluster: 'arn:aws:kafka:us-east-1:111122223333:cluster/orders/0a1b2c3d-0000-1111-2222-333344445555-1',
      authentication: 'iam',
      network: { vpcId: 'vpc-0a1b2c3d4e5f67890', subnetId: 'subnet-0a1b2c3d4e5f67890', availabilityZone: 'us-east-1a' },
    },
    {
      name: 'shop',
      source: 'native',
      topic: 'shop',
      deadLetterTopic: 'shop-dead-letters',
      bootstrap: 'b1.example.com:9096',
      authentication: 'scram',
      secretName: 'kafka/shop',
    },
  ],
  sftp: { users: [{ name: 'acme', publicKeys: ['ssh-ed25519 AAAA'], folder: 'acme' }] },
  alarms: { processingMinutes: 90 },
  glue: { executionClass: 'FLEX' },
  deployment: { permissionsBoundary: 'boundary', bootstrapQualifier: 'team1' },
  ...warehouseSettings({ compute: {}, dbtPublicKey: PUBLIC_KEY }),
};
const ALL = 'an environment with all that is optional';
const environments: [string, SynthesisedPipeline][] = [
  ...Object.entries(contexts).map(([name, flags]): [string, SynthesisedPipeline] => [
    name,
    synthesise(loadConfiguration(newApp(flags).node)),
  ]),
  [
    'prod',
    synthesise({ settings: parseSettings({ ...readEnvironment('prod'), alertEmails }, 'prod'), destroyData: false }),
  ],
  [ALL, synthesise(configuration(everyOption))],
  ...Object.entries(SHAPES).map(([name, orchestration]): [string, SynthesisedPipeline] => [
    name,
    synthesise(configuration(orchestrationSettings(orchestration))),
  ]),
];

describe('the templates of every environment', () => {
  it.each(environments)(
    "of %s pass the rule packs AwsSolutions and Serverless and the CDK's own rules",
    (_name, { app, folder }) => {
      const report = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'));
      const reports = report.pluginReports as {
        violations: unknown[];
        suppressedViolations?: { ruleName: string }[];
      }[];
      expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
      // What the environment of an account and region must do, and says why: it names its zones.
      const acknowledged = reports.flatMap(({ suppressedViolations }) => suppressedViolations ?? []);
      expect(acknowledged.filter(({ ruleName }) => ruleName !== 'W3010')).toEqual([]);
      for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
        expect(pack.validateScope(app).violations).toEqual([]);
      }
    },
  );

  // Linting is heavy, and what else may differ adds no kind of resource: the environments as they are deployed, the networks that
  // Airflow may run in, connectors in a VPC, and streams.
  it.skipIf(!existsSync(cfnLint))('of dev, prod, local and example pass cfn-lint', { timeout: 300_000 }, async () => {
    const deployed = environments
      .filter(([name]) => ['dev', 'prod', 'local', 'example'].includes(name))
      .flatMap(([, { folder }]) => globSync(join(folder, '*.template.json')));
    // Four stacks each, connectors, change capture and streams of the example, and warehouse and orchestration of the one-machine edition
    // and of the example.
    expect(deployed).toHaveLength(4 * 4 + 3 + 2 * 2);
    const shapes = environments
      .filter(([name]) => name in SHAPES)
      .flatMap(([, { folder }]) => globSync(join(folder, '*-orchestration.template.json')));
    expect(shapes).toHaveLength(Object.keys(SHAPES).length);
    const sources = environments
      .filter(([name]) => name === ALL)
      .flatMap(([, { folder }]) => globSync(join(folder, '*-{connectors,streams}.template.json')));
    expect(sources).toHaveLength(2);
    // W3005: the CDK states dependencies that a reference implies as well.
    // W3010: zones are named where account and region are, so that synthesis need not ask AWS.
    await promisify(execFile)(cfnLint, ['--ignore-checks', 'W3005', 'W3010', '--', ...deployed, ...shapes, ...sources]);
  });

  it.skipIf(!existsSync(checkov))(
    'of every environment pass checkov, exceptions with their reason aside',
    { timeout: 300_000 },
    async () => {
      // Shapes differ from the example only in Airflow's network, which cdk-nag and cfn-lint have seen.
      const templates = environments
        .filter(([name]) => !(name in SHAPES))
        .flatMap(([, { folder }]) => globSync(join(folder, '*.template.json')));
      const options = ['--framework', 'cloudformation', '--compact', '--quiet', '--skip-download', '--output', 'json'];
      const { stdout } = await execa(checkov, [...options, '--file', ...templates], { reject: false });
      const { summary, results } = JSON.parse(stdout) as CheckovReport;
      expect(results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`)).toEqual([]);
      expect(summary).toMatchObject({ parsing_errors: 0 });
      expect(summary.passed).toBeGreaterThan(1000);
    },
  );
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

  it('covers an action by its name, and no other', () => {
    const app = newApp();
    const role = new Role(new Stack(app, 'Stack'), 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const actions = ['s3:GetObject*', 's3:PutObject*'];
    role.addToPolicy(new PolicyStatement({ actions, resources: ['arn:aws:s3:::bucket/known'] }));
    acknowledgeWildcards(role, { action: 's3:GetObject*', reason: 'A test.' });
    app.synth();
    const { violations } = new AwsSolutionsChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-IAM5[Action::s3:PutObject*]']);
  });

  it('is an error once the wildcard is gone', () => {
    const { app, role } = roleWithTwoWildcards();
    acknowledgeWildcards(role, { resource: '/gone/*', reason: 'A test.' }, { action: 's3:List*', reason: 'A test.' });
    expect(() => app.synth()).toThrow('No statement of Stack/Role allows a resource that ends in /gone/*');
    expect(() => app.synth()).toThrow('No statement of Stack/Role allows the action s3:List*');
  });
});
