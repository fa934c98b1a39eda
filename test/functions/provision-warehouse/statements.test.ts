import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tables } from '../../../lib/contracts/tables';
import { destroyable, snowflake, stack, startAnew } from '../../support/provisioning';
import { rewritten } from '../../support/warehouse';

/** Types of Snowflake, by those of the contracts; a decimal keeps its figures. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'NUMBER(38,0)',
  long: 'NUMBER(38,0)',
  double: 'FLOAT',
  date: 'DATE',
  timestamp: 'TIMESTAMP_NTZ',
  'array<string>': 'ARRAY',
};

const ROOT = join(import.meta.dirname, '../../..');

/** Every statement of a life: made, made again, changed, deleted. */
let statements: readonly string[];

beforeEach(async () => {
  startAnew();
  await stack.deploy(destroyable);
  await stack.deploy(rewritten(destroyable, (json) => json.replaceAll('/tables/"', '/published/"')));
  await stack.destroy();
  statements = snowflake.statements;
  vi.unstubAllGlobals();
});

const first = (start: string): number => statements.findIndex((text) => text.startsWith(start));

describe('the SQL statements of the warehouse', () => {
  it('never copy rows, in no file of the repository either', () => {
    const copies = /\bCOPY\s+INTO\b/i;
    expect(statements.filter((text) => copies.test(text))).toEqual([]);
    const files = globSync(['lib/**/*.ts', 'dbt/**/*.{sql,yml}', 'glue-scripts/**/*.py', 'airflow/**/*.py'], {
      cwd: ROOT,
    });
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => copies.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it('replace nothing but external tables', () => {
    const replacing = statements.filter((text) => /\bOR\s+REPLACE\b/i.test(text));
    expect(replacing.length).toBeGreaterThan(0);
    expect(replacing.filter((text) => !text.startsWith('CREATE OR REPLACE EXTERNAL TABLE "'))).toEqual([]);
  });

  it('come in the order in which each needs the one before', () => {
    const order = [
      'CREATE STORAGE INTEGRATION',
      'ALTER STORAGE INTEGRATION',
      'DESC INTEGRATION',
      'CREATE ROLE',
      'CREATE DATABASE',
      'CREATE SCHEMA',
      'GRANT OWNERSHIP',
      'CREATE FILE FORMAT',
      'CREATE STAGE',
      'CREATE EXTERNAL TABLE',
      'ALTER EXTERNAL TABLE',
    ].map(first);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).not.toContain(-1);
  });

  it('leave no name unquoted', () => {
    const bare = statements.map((text) => text.replace(/"(?:[^"]|"")*"|'(?:[^'\\]|''|\\.)*'/g, '?'));
    expect(bare.filter((text) => /REVIEWS_|\bRAW\b|PRESENTATION/.test(text))).toEqual([]);
  });
});

describe('the external table of each contract', () => {
  const typeOf = (type: string): string => TYPES[type] ?? type.replace('decimal', 'NUMBER');

  it.each(Object.values(tables))('$table has its columns, typed, and its partitions', ({ table, columns }) => {
    const name = `"REVIEWS"."RAW"."${table.toUpperCase()}"`;
    const text = statements[first(`CREATE EXTERNAL TABLE ${name} (`)] ?? '';
    const expected = columns.map(
      (column) =>
        `"${column.name.toUpperCase()}" ${typeOf(column.type)} AS (VALUE:"${column.name}"::${typeOf(column.type)})`,
    );
    expect(text).toContain(`${name} (${expected.join(', ')}, "INGEST_DATE" DATE AS (`);
    expect(text).toContain(') PARTITION BY ("INGEST_DATE", "BATCH_ID") LOCATION = ');
    expect(text).toContain(`@"REVIEWS"."RAW"."PUBLISHED"/${table}/ AUTO_REFRESH = TRUE PATTERN = '`);
  });

  const pattern = () =>
    new RegExp(`^${/PATTERN = '([^']*)'/.exec(statements[first('CREATE EXTERNAL TABLE')] ?? '')?.[1]}$`);
  const partition = 'reviews/ingest_date=2026-11-21/batch_id=20261121T090000Z-1a2b3c4d';

  it.each(['', 'tables/'])('takes committed files, their path beginning with "%s" or not', (start) => {
    expect(`${start}${partition}/part-00000-c000.zstd.parquet`).toMatch(pattern());
    expect(`${start}${partition.replace('reviews/', '')}/part-registered.parquet`).toMatch(pattern());
  });

  it.each([
    `tables/${partition}/_temporary/0/_temporary/attempt_1/part-00000.parquet`,
    `tables/${partition}/_SUCCESS`,
    `tables/${partition}/part-00000.parquet.crc`,
    'tables/reviews/part-00000.parquet',
  ])('does not take %s', (key) => {
    expect(key).not.toMatch(pattern());
  });
});
