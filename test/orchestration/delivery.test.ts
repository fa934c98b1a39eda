import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageDagsFolder } from '../../lib/orchestration/dags-folder';
import { renderStartupScript, requirements, startupScript } from '../../lib/orchestration/environment-files';
import { only, orchestrationTemplate } from '../support/orchestration';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the startup script of Airflow', () => {
  const script = startupScript(undefined);

  it("has dbt's whole lock file in it", () => {
    expect(script.content).toContain(read('dbt/requirements.txt').trimEnd());
    expect(script.content).not.toContain('@@');
  });

  it('is named by its content: other content is another file, which MWAA takes for a change', () => {
    const hash = createHash('sha256').update(script.content).digest('hex');
    expect(script).toMatchObject({ folder: 'startup', fileName: `${hash}.sh` });
    expect(startupScript('https://packages.example.com/simple/').fileName).not.toBe(script.fileName);
  });

  it('installs from the package index of the settings', () => {
    const { content } = startupScript('https://packages.example.com/simple/');
    expect(content).toContain(
      `--index-url https://packages.example.com/simple/\n${read('dbt/requirements.txt').slice(0, 80)}`,
    );
    expect(script.content).not.toContain('--index-url');
  });

  it.each(['no place', 'a @@DBT_REQUIREMENTS@@ and b @@DBT_REQUIREMENTS@@'])(
    'is not made of a template with %j',
    (template) => {
      expect(() => renderStartupScript(template, 'dbt==1')).toThrow(
        /has \d places .*: write @@DBT_REQUIREMENTS@@ in it once/,
      );
    },
  );
});

describe('the requirements of Airflow', () => {
  it("are those of the repository, held to an index by pip's own option", () => {
    expect(requirements(undefined).content).toBe(read('airflow/requirements.txt'));
    expect(requirements('https://packages.example.com/simple/').content).toMatch(/^--index-url https:.*\n/);
  });
});

describe("Airflow's folder of DAGs", () => {
  const folder = mkdtempSync(join(tmpdir(), 'dags-'));
  beforeAll(() => stageDagsFolder(folder));
  afterAll(() => rmSync(folder, { recursive: true }));
  const files = () => readdirSync(folder, { recursive: true }).map(String);

  it("holds the DAGs, dbt's project beside them, and the contract that both sides share", () => {
    for (const file of ['dbt/dbt_project.yml', 'dbt/profiles.yml', 'dbt/models/core/fct_reviews.sql']) {
      expect(readFileSync(join(folder, file), 'utf8')).toBe(read(file));
    }
    expect(readFileSync(join(folder, 'contracts/orchestration.json'), 'utf8')).toBe(
      read('contracts/orchestration.json'),
    );
    for (const file of readdirSync(join(ROOT, 'airflow/dags')).filter((name) => name.endsWith('.py'))) {
      expect(existsSync(join(folder, file))).toBe(true);
    }
  });

  it("holds no Python of dbt's developers, which Airflow would read as DAGs, and nothing that Python leaves behind", () => {
    expect(files().filter((file) => file.startsWith('dbt/') && file.endsWith('.py'))).toEqual([]);
    expect(files().filter((file) => /__pycache__|\.pyc$|_cache$/.test(file))).toEqual([]);
    expect(files().filter((file) => /^dbt\/(target|logs)/.test(file))).toEqual([]);
  });
});

describe('the delivery of DAGs and files to Airflow', () => {
  const template = orchestrationTemplate();
  const deliveries = Object.values(template.findResources('Custom::CDKBucketDeployment')).map(
    ({ Properties }) => Properties,
  );

  it('brings DAGs, startup script and requirements to the folders that the environment names', () => {
    expect(deliveries.map((each) => each.DestinationBucketKeyPrefix).sort()).toEqual([
      'dags',
      'requirements',
      'startup',
    ]);
    const { properties: environment } = only(template, 'AWS::MWAA::Environment');
    expect(environment.DagS3Path).toBe('dags');
    expect(environment.StartupScriptS3Path).toBe(`startup/${startupScript(undefined).fileName}`);
    expect(environment.RequirementsS3Path).toBe(`requirements/${requirements(undefined).fileName}`);
  });

  it('removes DAGs and models that are gone, and keeps the files that a rollback returns to', () => {
    const prunes = Object.fromEntries(deliveries.map((each) => [each.DestinationBucketKeyPrefix, each.Prune]));
    expect(prunes).toEqual({ dags: true, startup: false, requirements: false });
  });

  it('pins no version of an object: a new name is what makes an update', () => {
    const { properties: environment } = only(template, 'AWS::MWAA::Environment');
    expect(Object.keys(environment).filter((name) => name.endsWith('ObjectVersion'))).toEqual([]);
  });
});
