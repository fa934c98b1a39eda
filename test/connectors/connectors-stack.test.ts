import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { copyConnectorCode } from '../../lib/connectors/connector-code';
import { zipOfConnectorLibraries } from '../../lib/connectors/connector-wheels';
import { connectors, runsPerDay } from '../../lib/contracts/connectors';
import { ROOT } from '../../local/paths';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, type SynthesisedPipeline, synthesise } from '../support/synthesised';

const names = ['steam-reviews', 'business-profile', 'shop-database', 'azure-reviews'];
const synthesised: SynthesisedPipeline = synthesise(configuration({ connectors: names }));
const stack = synthesised.connectors;
if (!stack) throw new Error('The settings name connectors, and there is no stack.');

/** EM_AARCH64 of the ELF specification. */
const AARCH64 = 183;

/** The definition of a connector's state machine. */
function definitionOf(name: string): { States: Record<string, Record<string, unknown>> } {
  const found = stack?.findResources('AWS::StepFunctions::StateMachine', {
    Properties: { StateMachineName: `reviews-test-connector-${name}` },
  });
  return JSON.parse(flat(Object.values(found ?? {})[0]?.Properties.DefinitionString));
}

describe('the connectors', () => {
  it('are not there unless the settings name them: no stack, no alarm, no cost', () => {
    const without = synthesise();
    expect(without.connectors).toBeUndefined();
    expect(JSON.stringify(without.monitoring.toJSON())).not.toContain('connector');
  });

  it.each(names)('%s runs as often as its contract says, and starts with nothing', (name) => {
    stack.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: `reviews-test-connector-${name}`,
      ScheduleExpression: connectors.get(name)?.schedule,
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: Match.objectLike({ Input: '{}' }),
      KmsKeyArn: Match.anyValue(),
    });
  });

  it.each(names)('%s may write below its own folder and to its own items, and nothing else', (name) => {
    const role = `${name.replaceAll('-', '')}Fetch`;
    const source = connectors.get(name)?.source;
    expect(objectAccess(stack, role, 'RawBucket')).toEqual({
      ...(name === 'azure-reviews' && { 's3:AbortMultipartUpload': [`/reviews/${source}/${name}/*`] }),
      's3:GetObject': [`/reviews/${source}/${name}/*`],
      's3:PutObject': [`/reviews/${source}/${name}/*`],
    });
    const policy = JSON.stringify(stack.findResources('AWS::IAM::Policy'));
    expect(policy).toContain(`"dynamodb:LeadingKeys":["connector:${name}"]`);
    const actions = statementsOf(stack, role).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => /^(dynamodb|secretsmanager):/.test(action)).sort()).toEqual([
      ...(name === 'azure-reviews' ? [] : ['dynamodb:DeleteItem', 'dynamodb:GetItem']),
      'dynamodb:PutItem',
      ...(name === 'azure-reviews' ? ['dynamodb:Query'] : []),
      ...(name !== 'steam-reviews' ? ['secretsmanager:GetSecretValue'] : []),
    ]);
  });

  it('name the secret of the environment, and a public API has none', () => {
    const variables = (name: string): Record<string, unknown> => {
      const found = stack.findResources('AWS::Lambda::Function', {
        Properties: { FunctionName: `reviews-test-connector-${name}` },
      });
      return Object.values(found)[0]?.Properties.Environment.Variables;
    };
    expect(variables('business-profile').SECRET_NAME).toBe('reviews-test/connectors/google-business-profile');
    expect(variables('steam-reviews')).not.toHaveProperty('SECRET_NAME');
  });

  it('share one layer, made for the processor that they run on', () => {
    stack.resourceCountIs('AWS::Lambda::LayerVersion', 1);
    stack.allResourcesProperties('AWS::Lambda::Function', { Runtime: 'python3.13', Architectures: ['arm64'] });
  });

  it('try again what may be over soon, and call somebody at once for the rest', () => {
    const { Retry, Catch } = definitionOf('steam-reviews').States['Fetch new reviews'] as {
      Retry: { ErrorEquals: string[] }[];
      Catch: { ErrorEquals: string[]; Next: string }[];
    };
    const retried = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toContain('SourceUnavailableError');
    expect(retried).not.toContain('ConnectorError');
    expect(Catch).toMatchObject([
      { ErrorEquals: ['OvertakenError'], Next: 'Left to another run' },
      { ErrorEquals: ['States.ALL'], Next: 'Alert on-call' },
    ]);
  });

  it('are called again as long as the function says where to go on', () => {
    const { States } = definitionOf('steam-reviews');
    expect(States['More to read?']).toMatchObject({
      Choices: [{ Condition: '{% $exists($states.input.next) %}', Next: 'Fetch new reviews' }],
      Default: 'Up to date',
    });
  });

  it('have an alarm on failed runs, and one on runs that do not come', () => {
    const alarm = (name: string): object => ({ Properties: { AlarmName: `reviews-test-connector-${name}` } });
    const { monitoring } = synthesised;
    expect(Object.keys(monitoring.findResources('AWS::CloudWatch::Alarm', alarm('steam-reviews-failed')))).toHaveLength(
      1,
    );
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'reviews-test-connector-business-profile-silent',
      EvaluationPeriods: 13,
      TreatMissingData: 'breaching',
    });
  });
});

describe('a connector whose source is private', () => {
  const network = {
    subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    securityGroupIds: ['sg-0123456789abcdef0'],
  };
  const { connectors: inVpc } = synthesise(
    configuration({ connectors: names, connectorNetworks: { 'shop-database': network } }),
  );
  if (!inVpc) throw new Error('The settings name connectors, and there is no stack.');
  const functionOf = (name: string) =>
    Object.values(
      inVpc.findResources('AWS::Lambda::Function', { Properties: { FunctionName: `reviews-test-connector-${name}` } }),
    )[0];

  it('runs in the subnets and groups of its own, and no other connector does', () => {
    expect(functionOf('shop-database')?.Properties.VpcConfig).toEqual({
      SubnetIds: network.subnetIds,
      SecurityGroupIds: network.securityGroupIds,
    });
    expect(functionOf('steam-reviews')?.Properties).not.toHaveProperty('VpcConfig');
    inVpc.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  it('has network interfaces that Lambda makes, by a policy that is there before the function, and may make none itself', () => {
    const ofNetwork = (name: string) =>
      statementsOf(inVpc, `${name.replaceAll('-', '')}Fetch`).filter(({ actions }) =>
        actions.some((action) => action.startsWith('ec2:')),
      );
    expect(ofNetwork('steam-reviews')).toEqual([]);
    expect(ofNetwork('shop-database').map(({ effect, resources }) => [effect, resources])).toEqual([
      ['Allow', ['*']],
      ['Deny', ['*']],
    ]);
    inVpc.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: {
              ArnEquals: {
                'lambda:SourceFunctionArn': {
                  'Fn::Join': [
                    '',
                    Match.arrayWith([Match.stringLikeRegexp(':function:reviews-test-connector-shop-database$')]),
                  ],
                },
              },
            },
          }),
        ]),
      },
    });
    expect(functionOf('shop-database')?.DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^shopdatabaseFetchRoleDefaultPolicy/)]),
    );
  });

  it.each([
    [
      'of a connector that the environment does not have',
      { 'business-profile': network },
      /connectorNetworks\.business-profile: .*expected a name of connectors: shop-database/,
    ],
    [
      'without a subnet',
      { 'shop-database': { ...network, subnetIds: [] } },
      /connectorNetworks\.shop-database\.subnetIds/,
    ],
    [
      'with what is no security group',
      { 'shop-database': { ...network, securityGroupIds: ['default'] } },
      /securityGroupIds\.0: received "default"; expected the identifier of a security group/,
    ],
  ])('%s is refused', (_what, connectorNetworks, message) => {
    expect(() => configuration({ connectors: ['shop-database'], connectorNetworks })).toThrow(message);
  });
});

describe('a setting that names a connector', () => {
  it.each([
    ['that is not there', ['no-such'], /connectors\.0: received "no-such"; expected a name of contracts\/connectors/],
    ['twice', ['steam-reviews', 'steam-reviews'], /connectors: received .*; expected each name once/],
  ])('%s is refused', (_what, named, message) => {
    expect(() => configuration({ connectors: named })).toThrow(message);
  });
});

describe('a schedule', () => {
  it.each([
    ['rate(15 minutes)', 96],
    ['rate(1 hour)', 24],
    ['rate(6 hours)', 4],
    ['rate(1 day)', 1],
  ])('%s makes %i runs a day', (schedule, runs) => {
    expect(runsPerDay({ schedule })).toBe(runs);
  });
});

describe('the layer', () => {
  it("holds every package of the lock file for Lambda's processor, within Lambda's limit of 250 MB", () => {
    const sizes = new Map<string, number>();
    const compiled = unzipSync(readFileSync(zipOfConnectorLibraries()), {
      filter: ({ name, originalSize }) => {
        sizes.set(name, originalSize);
        return name.endsWith('.so');
      },
    });
    const files = [...sizes.keys()];
    const lock = readFileSync(join(ROOT, 'lib/functions/run-connector/requirements.txt'), 'utf8');
    const pins = [...lock.matchAll(/^([\w.-]+)==(\S+)/gm)].map(
      ([, name = '', version]) => `${name.replaceAll('-', '_')}-${version}`,
    );
    const installed = files.flatMap(
      (file) => /^python\/([^/]+)\.dist-info\/METADATA$/.exec(file)?.[1]?.toLowerCase() ?? [],
    );
    expect(installed.sort()).toEqual(pins.sort());
    // The header of an ELF file names the processor by a number (e_machine); not every file's name does.
    const processors = Object.values(compiled).map((file) => Buffer.from(file).readUInt16LE(18));
    expect(processors.length).toBeGreaterThan(0);
    expect(new Set(processors)).toEqual(new Set([AARCH64]));
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(bytes / 1024 ** 2).toBeLessThan(140);
  });
});

describe("the function's code", () => {
  it('holds the contracts, and nothing of tests and installations', () => {
    const folder = mkdtempSync(join(tmpdir(), 'connector-code-'));
    copyConnectorCode(folder);
    const files = readdirSync(folder, { recursive: true }).map(String).sort();
    rmSync(folder, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['handler.py', 'connector/rest.py', 'connector/graphql.py']));
    expect(files).toContain('contracts/connectors/steam-reviews.json');
    expect(files.filter((file) => /requirements|cache/.test(file))).toEqual([]);
  });
});
