import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { settingsSchema } from '../../lib/config/schema';
import { loadConfiguration, parseSettings } from '../../lib/config/settings';
import { newApp } from '../support/synthesised';
import { PUBLIC_KEY } from '../support/warehouse';

const load = (context: Record<string, unknown>) => loadConfiguration(newApp(context).node);
const parse = (settings: Record<string, unknown>) => parseSettings({ environment: 'test', ...settings }, 'the test');

/** Settings with Airflow, and the warehouse that it needs. */
const orchestration = (more: Record<string, unknown> = {}) => ({
  warehouse: { secretName: 's', compute: {} },
  orchestration: more,
});

describe('the environment of the context', () => {
  it('is dev unless the context says otherwise', () => {
    expect(load({}).settings.environment).toBe('dev');
    expect(load({ env: 'example' }).settings.environment).toBe('example');
  });

  it.each(['staging', '', 'toString', 7])('%j is refused with the list of those there are', (env) => {
    expect(() => load({ env })).toThrow(
      new RegExp(
        `env: received ${JSON.stringify(env)}, allowed: dev, example, local, local-with-cdc, local-with-connectors, local-with-kafka, local-without-airflow, prod \\(`,
      ),
    );
  });

  it('local fits the one-machine edition', () => {
    expect(load({ env: 'local' }).settings).toMatchObject({
      account: '000000000000',
      region: 'us-east-1',
      intake: { mode: 'batched', windowSeconds: 2, maximumFiles: 500 },
    });
  });
});

describe('a wrong setting', () => {
  it.each([
    [{ intake: { mode: 'hourly' } }, 'intake.mode: received "hourly"', 'single'],
    [{ intake: { mode: 'single', windowSeconds: 5 } }, 'intake.windowSeconds: received 5', 'no such setting'],
    [{ intake: { mode: 'batched', windowSeconds: 301 } }, 'intake.windowSeconds: received 301', '<=300'],
    [{ intake: { mode: 'single', maximumExecutions: 101 } }, 'intake.maximumExecutions: received 101', '<=100'],
    [{ glue: { workerType: 'G.3X' } }, 'glue.workerType: received "G.3X"', '"G.1X"|"G.2X"'],
    [{ glue: { timeoutMinutes: '30' } }, 'glue.timeoutMinutes: received "30"', 'number'],
    [{ glue: { maximumWorkers: 1 } }, 'glue.maximumWorkers: received 1', '>=2'],
    [{ glue: { smallBatchMebibytes: -1 } }, 'glue.smallBatchMebibytes: received -1', '>=0'],
    [{ glue: { smallBatchMebibytes: 0.5 } }, 'glue.smallBatchMebibytes: received 0.5', 'int'],
    [{ logs: { retentionDays: 8 } }, 'logs.retentionDays: received 8', '7|14'],
    [{ environment: 'My Env' }, 'environment: received "My Env"', 'small letters'],
    [{ environment: undefined }, 'environment: received nothing', 'string'],
    [{ account: '1234' }, 'account: received "1234"', '12 digits'],
    [{ alertEmails: ['a@example.com', 'nobody'] }, 'alertEmails.1: received "nobody"', 'email'],
    [{ warehouse: { database: 'reviews' } }, 'warehouse.secretName: received nothing', 'string'],
    [{ warehouse: { secretName: 's', database: 'my db' } }, 'warehouse.database: received "my db"', 'capitals'],
    [{ warehouse: { secretName: 's', dbtPublicKey: 'MIIB' } }, 'warehouse.dbtPublicKey: received "MIIB"', 'RSA public'],
    [orchestration({ airflowVersion: '2.10.3' }), 'orchestration.airflowVersion: received "2.10.3"', 'Airflow 3'],
    [
      orchestration({ maintenanceWindow: 'SUN:03:15' }),
      'orchestration.maintenanceWindow: received "SUN:03:15"',
      'half',
    ],
    [orchestration({ dbtSchedule: 'daily' }), 'orchestration.dbtSchedule: received "daily"', 'five fields'],
    [
      orchestration({ network: { mode: 'existing', vpcId: 'vpc-0a1b2c3d', privateSubnetIds: ['subnet-0a1b2c3d'] } }),
      'orchestration.network.privateSubnetIds: received ["subnet-0a1b2c3d"]',
      'two subnets',
    ],
    [
      orchestration({ network: { mode: 'new', availabilityZones: ['eu-west-1a', 'eu-west-1a'] } }),
      'orchestration.network.availabilityZones: received ["eu-west-1a","eu-west-1a"]',
      'two different zones',
    ],
    [{ data: { objectLock: { mode: 'GOVERNANCE' } } }, 'data.objectLock.days: received nothing', 'number'],
  ])('%j is refused by its path, its value and what is allowed', (settings, place, allowed) => {
    expect(() => parse(settings)).toThrow(ConfigurationError);
    expect(() => parse(settings)).toThrow(place);
    expect(() => parse(settings)).toThrow(allowed);
  });

  it('does not hide another', () => {
    expect(() => parse({ glue: { maximumWorkers: 0 }, logs: { days: 3 } })).toThrow(
      /glue\.maximumWorkers[^\n]*\n.*logs\.days/s,
    );
  });

  it('with a name that no setting has is named, wherever it stands', () => {
    const objects = ['', 'data', 'functions', 'functions.registerFiles', 'glue', 'stateMachine', 'logs', 'alarms'];
    const names = fc.string({ minLength: 1 }).filter((name) => !['__proto__', 'constructor'].includes(name));
    fc.assert(
      fc.property(fc.constantFrom(...objects), names, fc.integer(), (path, name, value) => {
        const unknown = `unknown ${name}`;
        const settings = (path === '' ? [] : path.split('.')).reduceRight<Record<string, unknown>>(
          (inner, key) => ({ [key]: inner }),
          { [unknown]: value },
        );
        expect(() => parse(settings)).toThrow(`${path === '' ? '' : `${path}.`}${unknown}: received ${value}`);
      }),
    );
  });
});

describe('settings that contradict each other', () => {
  it('an execution must be allowed to outlast both jobs and their waiting', () => {
    const glue = { timeoutMinutes: 60, queueMinutes: 30 };
    expect(() => parse({ glue, stateMachine: { timeoutMinutes: 180 } })).toThrow(
      /stateMachine\.timeoutMinutes: received 180; expected more than 224/,
    );
    expect(parse({ glue, stateMachine: { timeoutMinutes: 225 } }).stateMachine.timeoutMinutes).toBe(225);
  });

  it('the warehouse is not provisioned in less time than a failed login takes', () => {
    const functions = { provisionWarehouse: { timeoutSeconds: 60 } };
    expect(() => parse({ functions, warehouse: { secretName: 's' } })).toThrow(
      /functions\.provisionWarehouse\.timeoutSeconds: received 60; expected 120 or more/,
    );
    expect(parse({ functions }).functions.provisionWarehouse.timeoutSeconds).toBe(60);
  });

  it('locked files cannot be destroyed', () => {
    const data = { destroyData: true, objectLock: { mode: 'GOVERNANCE', days: 30 } };
    expect(() => parse({ data })).toThrow(/data\.destroyData: received true; expected false/);
  });
});

describe('settings of optional parts that contradict others', () => {
  it('let FLEX runs have workers up to G.2X only', () => {
    const glue = { executionClass: 'FLEX', workerType: 'G.4X' };
    expect(() => parse({ glue })).toThrow(
      /glue\.workerType: received "G\.4X"; expected G\.1X or G\.2X with executionClass FLEX/,
    );
  });

  it.each([
    [
      'a producer that is no account and no role',
      { data: { producers: [{ principal: '*', folder: 'acme' }] } },
      /data\.producers\.0\.principal/,
    ],
    [
      'a folder that leads elsewhere',
      { data: { producers: [{ principal: '111122223333', folder: '../x' }] } },
      /data\.producers\.0\.folder/,
    ],
    [
      'a login without a key',
      { sftp: { users: [{ name: 'acme', publicKeys: [], folder: 'acme' }] } },
      /sftp\.users\.0\.publicKeys/,
    ],
  ])('refuse %s', (_what, settings, message) => {
    expect(() => parse(settings)).toThrow(message);
  });
});

describe('settings of orchestration that contradict others', () => {
  const isolated = { network: { mode: 'new', egress: 'endpoints' } };
  const named = { account: '111122223333', region: 'eu-west-1' };

  it.each([
    ['there is no warehouse', { orchestration: {} }, /orchestration: received \{\}; expected none where there is no/],
    [
      'dbt has nothing to compute with',
      { warehouse: { secretName: 's' }, orchestration: {} },
      /orchestration\.dbtWarehouse: received nothing; expected the name of a warehouse/,
    ],
    [
      "the deployment does not have dbt's key",
      { warehouse: { secretName: 's', compute: {}, dbtPublicKey: PUBLIC_KEY }, orchestration: {} },
      /orchestration\.dbtSecretName: received nothing; expected the name of a secret with the private key/,
    ],
    [
      'the key is of no secret',
      orchestration({ dbtSecretKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1' }),
      /orchestration\.dbtSecretKeyArn: .*expected nothing where dbtSecretName is not set/,
    ],
    [
      'there are fewer workers than always run',
      orchestration({ minWorkers: 3 }),
      /maxWorkers: .*at least minWorkers \(3\)/,
    ],
    [
      'the smallest class has more than its one worker',
      orchestration({ environmentClass: 'mw1.micro' }),
      /maxWorkers: .*expected 1 with environmentClass mw1\.micro/,
    ],
    [
      'synthesis would ask AWS for zones',
      { ...named, ...orchestration() },
      /orchestration\.network\.availabilityZones: received nothing; expected two zones/,
    ],
    [
      'dbt cannot be installed',
      orchestration(isolated),
      /orchestration\.packageIndexUrl: received nothing; expected the address/,
    ],
    [
      'endpoints are no way out of a network that has one',
      orchestration({ network: { mode: 'new', interfaceEndpoints: [{ serviceName: 'com.amazonaws.eu-west-1.sts' }] } }),
      /interfaceEndpoints: .*expected none with egress nat/,
    ],
    [
      'the function has no time for its calls',
      { ...orchestration(), functions: { notifyAirflow: { timeoutSeconds: 4 } } },
      /functions\.notifyAirflow\.timeoutSeconds: received 4; expected 5 or more/,
    ],
    [
      'a message comes back while the function works on it',
      {
        ...orchestration({ events: { retrySeconds: 120, batchingWindowSeconds: 10 } }),
        functions: { notifyAirflow: { timeoutSeconds: 20 } },
      },
      /orchestration\.events\.retrySeconds: received 120; expected 130 or more/,
    ],
    [
      'an hour without Airflow would lose something',
      orchestration({ events: { retrySeconds: 300, attempts: 11 } }),
      /orchestration\.events\.attempts: received 11; expected 12 or more/,
    ],
  ])('are refused: %s', (_why, settings, message) => {
    expect(() => parse(settings)).toThrow(message);
  });

  it('are the only ones refused: with each of them corrected, the settings are accepted', () => {
    const network = { mode: 'new', egress: 'endpoints', availabilityZones: ['eu-west-1a', 'eu-west-1b'] };
    const packageIndexUrl = 'https://packages.example.com/simple/';
    const events = { retrySeconds: 300, attempts: 12 };
    expect(
      parse({
        ...named,
        warehouse: { secretName: 's' },
        orchestration: { network, packageIndexUrl, events, dbtWarehouse: 'REVIEWS_WH', minWorkers: 2 },
      }).orchestration,
    ).toMatchObject({ enabled: true, airflowVersion: '3.0.6', webserverAccess: 'private', events });
  });
});

describe('destroying data', () => {
  it.each([
    ['dev', 'dev', true],
    ['dev', undefined, false],
    ['example', 'example', false],
  ])('of %s with the flag %s is allowed: %s', (env, allowDestroy, expected) => {
    expect(load({ env, ...(allowDestroy && { allowDestroy }) }).destroyData).toBe(expected);
  });

  it('is refused where the flag names another environment', () => {
    expect(() => load({ env: 'dev', allowDestroy: 'prod' })).toThrow(/allowDestroy: received "prod", allowed: dev/);
  });
});

describe('the documentation of the settings', () => {
  it('describes every setting', () => {
    expect(undescribed(settingsSchema)).toEqual([]);
  });
});

interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
}

const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;

/** Paths of the settings that say nothing about themselves. */
function undescribed(schema: z.ZodType, path: readonly string[] = []): string[] {
  const { innerType, options = [], shape = {} } = definitionOf(schema);
  return [
    ...(innerType ? undescribed(innerType, path) : []),
    ...options.flatMap((option) => undescribed(option, path)),
    ...Object.entries(shape).flatMap(([key, setting]) => [
      ...(isDescribed(setting) ? [] : [[...path, key].join('.')]),
      ...undescribed(setting, [...path, key]),
    ]),
  ];
}

/** A default or an optional around a described setting does not carry its description. */
function isDescribed(setting: z.ZodType): boolean {
  const { innerType } = definitionOf(setting);
  return setting.description !== undefined || (innerType !== undefined && isDescribed(innerType));
}
