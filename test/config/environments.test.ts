import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentNames, readEnvironment } from '../../lib/config/environments';
import { environmentJsonSchema } from '../../lib/config/json-schema';
import { loadSettings, parseSettings } from '../../lib/config/settings';
import { settingsPage } from '../../lib/config/settings-table';
import { ROOT } from '../../local/paths';

describe('the shipped environments', () => {
  it.each(environmentNames().filter((name) => !(name.startsWith('local-') || name === 'prod')))(
    '%s is a file that the schema accepts, and names itself',
    (name) => {
      expect(loadSettings(name).environment).toBe(name);
    },
  );

  it('prod is complete once it names who hears of failures, and refused before', () => {
    expect(() => loadSettings('prod')).toThrow(/alertEmails: received nothing; expected one address or more/);
    const named = { ...readEnvironment('prod'), alertEmails: ['on-call@example.com'] };
    expect(parseSettings(named, 'prod').environment).toBe('prod');
  });

  it('dev alone takes files singly: batched is the default', () => {
    expect(loadSettings('dev').intake.mode).toBe('single');
    expect(parseSettings({ environment: 'test' }, 'test').intake.mode).toBe('batched');
  });

  it('example has everything switched on', () => {
    const { alertEmails, data, intake, connectors, changeCapture, streams, warehouse, orchestration } =
      loadSettings('example');
    expect(alertEmails).not.toEqual([]);
    expect(data.objectLock).toBeDefined();
    expect(intake.mode).toBe('batched');
    expect(connectors).not.toEqual([]);
    expect(changeCapture).toBeDefined();
    expect(streams).not.toEqual([]);
    expect(warehouse?.compute).toBeDefined();
    expect(orchestration?.enabled).toBe(true);
  });

  const EXTRAS = {
    'local-with-connectors': 'connectors',
    'local-with-cdc': 'changeCapture',
    'local-with-kafka': 'streams',
  } as const;

  it.each(Object.entries(EXTRAS))('%s is the same as local, with %s beside it', (name, setting) => {
    const { [setting]: added, ...rest } = loadSettings(name);
    const { [setting]: none, ...local } = loadSettings('local');
    expect(added).not.toEqual(none);
    expect(rest).toEqual(local);
  });

  it('several names with + between them add up, and the last one wins', () => {
    const { connectors, changeCapture, streams, ...rest } = loadSettings(
      [...Object.keys(EXTRAS), 'local-without-airflow'].join('+'),
    );
    const { connectors: _none, streams: _no, ...without } = loadSettings('local-without-airflow');
    expect(rest).toEqual(without);
    expect(connectors).toEqual(loadSettings('local-with-connectors').connectors);
    expect(changeCapture).toEqual(loadSettings('local-with-cdc').changeCapture);
    expect(streams).toEqual(loadSettings('local-with-kafka').streams);
  });

  it('local-without-airflow is the same as local, without Airflow', () => {
    const { orchestration, ...local } = loadSettings('local');
    const { orchestration: off, ...without } = loadSettings('local-without-airflow');
    expect(without).toEqual(local);
    expect(off).toEqual({ ...orchestration, enabled: false });
  });
});

describe('the JSON schema of environment files', () => {
  it('is what the settings say: npm run schema writes it', () => {
    const written = readFileSync(join(ROOT, 'lib/config/environment.schema.json'), 'utf8');
    expect(JSON.parse(written)).toEqual(environmentJsonSchema());
  });

  it('explains a setting where an editor shows it', () => {
    expect(environmentJsonSchema()).toHaveProperty('properties.logs.properties.retentionDays.description');
  });
});

describe('the page of settings in the documentation', () => {
  it('is what the settings say: npm run schema writes it', () => {
    expect(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8')).toBe(settingsPage());
  });

  it('has a row with limits and default for a setting, and says with which mode a setting goes', () => {
    expect(settingsPage()).toContain(
      '| `glue.timeoutMinutes` | 1 to 2880 | `60` | Timeout of one job run (minutes). |',
    );
    expect(settingsPage()).toMatch(
      /^\| `intake\.windowSeconds` \| 1 to 300 \| `60` \| .* Only with mode batched\. \|$/m,
    );
  });
});

describe('a file in the folder of environments', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'environments-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, `${name}.json`), typeof content === 'string' ? content : JSON.stringify(content));

  it('is an environment by its name, without a line of code', () => {
    write('staging', { environment: 'staging' });
    mkdirSync(join(folder, 'notes'));
    expect(environmentNames(folder)).toEqual(['staging']);
    expect(readEnvironment('staging', folder)).toEqual({ environment: 'staging' });
  });

  it('takes from the environment that it extends what it does not state, setting by setting', () => {
    write('base', {
      environment: 'base',
      glue: { maximumWorkers: 4, timeoutMinutes: 30 },
      alertEmails: ['a@example.com'],
    });
    write('middle', { extends: 'base', glue: { maximumWorkers: 8 } });
    write('top', { extends: 'middle', description: 'A test.', environment: 'top', alertEmails: [] });
    expect(readEnvironment('top', folder)).toEqual({
      environment: 'top',
      glue: { maximumWorkers: 8, timeoutMinutes: 30 },
      alertEmails: [],
    });
  });

  it.each([
    ['is not JSON', '{', /environments\/bad\.json is not JSON/],
    ['is no object', '[]', /environments\/bad\.json holds no JSON object/],
    ['extends itself', { extends: 'bad' }, /bad\.json: extends is "bad"; allowed: other/],
    ['extends what is not there', { extends: 'gone' }, /bad\.json: extends is "gone"; allowed: other/],
    ['extends what extends it', { extends: 'other' }, /other\.json: extends is "bad"; allowed: \./],
  ])('is refused where it %s', (_what, content, message) => {
    write('bad', content);
    write('other', { extends: 'bad' });
    expect(() => readEnvironment('bad', folder)).toThrow(message);
  });
});
