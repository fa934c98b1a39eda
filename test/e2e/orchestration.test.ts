import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED_EVENT } from '../../lib/contracts/published-event';
import { BUCKET_FOLDERS } from '../../lib/orchestration/airflow-names';
import { readEnvironment } from '../../local/platform/airflow-environment';
import type { Platform } from '../../local/platform/platform';
import { WarehouseSession } from '../../local/platform/warehouse';
import { type DagRun, dagRuns, hasAirflow, hasEnded, type WithAirflow } from '../../local/run/dag-runs';
import { buildOf, runThatSees } from '../../local/run/orchestrated-build';
import { whenExternalTablesAreRefreshed } from '../../local/run/presentation-tables';
import { processesIn, processesNaming } from './support/processes';
import { jsonLines, listenForAlerts, type RunningPlatform, review, startRunning } from './support/running';

/** Bound of every wait (milliseconds); a busy machine takes several times what a quiet one does. */
const PATIENCE = { timeout: 900_000, interval: 1_500 };

const FAILING_TEST = 'no_review_is_good_enough';
const FAILING_TEST_KEY = `${BUCKET_FOLDERS.dags}/dbt/tests/${FAILING_TEST}.sql`;

describe('Airflow on one machine', () => {
  let running: RunningPlatform;
  let platform: WithAirflow<Platform>;
  let warehouse: WarehouseSession;
  let events: EventBridgeClient;

  beforeAll(async () => {
    running = await startRunning({ airflow: true });
    if (!hasAirflow(running.platform)) throw new Error('The platform was started without Airflow.');
    platform = running.platform;
    const { accessUrl, dbt } = platform.warehouse;
    warehouse = await WarehouseSession.open(accessUrl, dbt);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    events = new EventBridgeClient({ endpoint: platform.endpoint, region: 'us-east-1', credentials });
    await platform.airflow.ready();
  });
  afterAll(async () => {
    await warehouse?.close();
    await running?.stop();
  });

  /** Drops a file of as many reviews and waits until they are published and seen by Snowflake. */
  async function publish(name: string, count: number): Promise<{ executionArn: string; visibleAt: Date }> {
    const records = Array.from({ length: count }, (_, index) => review(`${name}-${index}`));
    const result = await running.follow(await running.drop(`reviews/native/${name}.jsonl`, jsonLines(records)));
    expect(result).toMatchObject({ status: 'PUBLISHED', published: count });
    await whenExternalTablesAreRefreshed(platform);
    return { executionArn: result.executionArn as string, visibleAt: new Date() };
  }

  /** Announces again what an execution has published. */
  async function announce(executionArn: string): Promise<void> {
    const detail = { executionArn, batch: { id: '20261121T090000Z-1a2b3c4d' }, records: { published: 1 } };
    const { source: Source, detailType: DetailType } = PUBLISHED_EVENT;
    await events.send(new PutEventsCommand({ Entries: [{ Source, DetailType, Detail: JSON.stringify(detail) }] }));
  }

  /** Reviews by the file they came in, as the presentation shows them. */
  async function reviewsInMarts(): Promise<Record<string, number>> {
    const { rows } = await warehouse.query('select object_key, current_review_count from file_audit order by 1');
    return Object.fromEntries(
      rows.map(({ OBJECT_KEY, CURRENT_REVIEW_COUNT }) => [String(OBJECT_KEY), Number(CURRENT_REVIEW_COUNT)]),
    );
  }

  const runsSince = async (time: Date): Promise<DagRun[]> =>
    (await dagRuns(platform)).filter(({ start_date }) => !start_date || new Date(start_date) >= time);

  /** The first run of a kind that has started since, once it has ended. */
  async function endOfRun(since: Date, type: string): Promise<DagRun> {
    const ended = async () =>
      (await runsSince(since)).findLast(({ run_type, ...run }) => run_type === type && hasEnded({ run_type, ...run }));
    await expect.poll(ended, PATIENCE).toBeDefined();
    return (await ended()) as DagRun;
  }

  /** Everything that runs have kept, by key. */
  async function artifacts(): Promise<Map<string, string>> {
    const place = { Bucket: platform.airflow.outputs.AirflowBucketName, Prefix: BUCKET_FOLDERS.artifacts };
    const found = new Map<string, string>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client: platform.aws.s3 }, place)) {
      for (const { Key = '' } of Contents) {
        const { Body } = await platform.aws.s3.send(new GetObjectCommand({ Bucket: place.Bucket, Key }));
        found.set(Key, (await Body?.transformToString()) ?? '');
      }
    }
    return found;
  }

  /** Names of the artifacts that a run has kept. */
  async function keptOf({ dag_run_id }: DagRun): Promise<string[]> {
    const folder = `${BUCKET_FOLDERS.artifacts}/${dag_run_id}/`;
    return [...(await artifacts()).keys()].filter((key) => key.startsWith(folder)).map((key) => basename(key));
  }

  it('runs dbt because reviews were published', async () => {
    const { visibleAt } = await publish('first', 3);
    const run = await runThatSees(platform, visibleAt);
    expect(run).toMatchObject({ run_type: 'asset_triggered', state: 'success' });
    expect(await buildOf(platform, run)).toMatchObject({ succeeded: true, failed: 0 });
    expect(await reviewsInMarts()).toEqual({ 'reviews/native/first.jsonl': 3 });
    expect(await keptOf(run)).not.toEqual(expect.arrayContaining(['sources.json', 'index.html']));
  });

  it('makes at most two runs of a hundred events in ten seconds, and misses no file', async () => {
    const { executionArn } = await publish('storm', 2);
    const began = new Date();
    for (let sent = 0; sent < 100; sent += 1) {
      await announce(executionArn);
      await sleep(100 - ((Date.now() - began.getTime()) % 100));
    }
    const lastEvent = new Date();
    const run = await runThatSees(platform, lastEvent);
    expect(run).toMatchObject({ run_type: 'asset_triggered', state: 'success' });
    const runs = await runsSince(began);
    expect(runs.length).toBeLessThanOrEqual(2);
    expect(await reviewsInMarts()).toMatchObject({ 'reviews/native/storm.jsonl': 2 });
    // What the run before parsed this one took over.
    const log = (await artifacts()).get(`${BUCKET_FOLDERS.artifacts}/${run.dag_run_id}/dbt_build.log`);
    expect(log).toContain('Partial parsing enabled: 0 files deleted, 0 files added, 0 files changed');
  });

  it('fails with an alert when a test of dbt fails, keeps what was there, and recovers by itself', async () => {
    const nextAlert = await listenForAlerts(platform);
    const before = await warehouse.query('select * from product_summary order by 1');
    const bucket = { Bucket: platform.airflow.outputs.AirflowBucketName, Key: FAILING_TEST_KEY };
    const body = "select review_key from {{ ref('fct_reviews') }}";
    await platform.aws.s3.send(new PutObjectCommand({ ...bucket, Body: body }));

    const { executionArn, visibleAt } = await publish('kept-back', 1);
    const failed = await runThatSees(platform, visibleAt);
    expect(failed).toMatchObject({ run_type: 'asset_triggered', state: 'failed' });
    expect(await nextAlert()).toContain(FAILING_TEST);
    expect(await buildOf(platform, failed)).toMatchObject({ succeeded: false, failed: 1 });
    expect(await keptOf(failed)).toContain('manifest.json');
    expect(await warehouse.query('select * from product_summary order by 1')).toEqual(before);

    await platform.aws.s3.send(new DeleteObjectCommand(bucket));
    const repairedAt = new Date();
    await announce(executionArn);
    expect(await endOfRun(repairedAt, 'asset_triggered')).toMatchObject({ state: 'success' });
    expect(await reviewsInMarts()).toMatchObject({ 'reviews/native/kept-back.jsonl': 1 });
  });

  it('catches up after an outage with the events that arrived meanwhile and with its schedule', async () => {
    await platform.airflow.stop();
    await publish('while-down', 1);
    const { AirflowConfigurationOptions, Name } = await readEnvironment(
      platform.aws,
      platform.airflow.outputs.AirflowEnvironmentName,
    );
    await platform.aws.mwaa(`/environments/${Name}`, {
      method: 'PATCH',
      body: JSON.stringify({
        AirflowConfigurationOptions: { ...AirflowConfigurationOptions, 'reviews.dbt_schedule': '* * * * *' },
      }),
    });
    const upAt = new Date();
    await platform.airflow.start();
    expect(await endOfRun(upAt, 'asset_triggered')).toMatchObject({ state: 'success' });
    expect(await reviewsInMarts()).toMatchObject({ 'reviews/native/while-down.jsonl': 1 });
    const scheduled = await endOfRun(upAt, 'scheduled');
    expect(scheduled).toMatchObject({ state: 'success' });
    expect(await keptOf(scheduled)).toEqual(expect.arrayContaining(['sources.json', 'run_results.json', 'index.html']));
  });

  it('writes the key of dbt into no log, no database and no artifact', async () => {
    const { privateKeyFile } = platform.warehouse.dbt;
    const [, line = ''] = readFileSync(privateKeyFile, 'utf8').split('\n');
    expect(line).toHaveLength(64);
    const local = join(running.folder, 'state', 'airflow');
    const logs = globSync('**', { cwd: local, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const written = new Map(logs.map((file) => [file, readFileSync(file, 'latin1')]));
    for (const [key, content] of await artifacts()) written.set(key, content);
    const names = [...written.keys()];
    for (const part of ['task_id=dbt_build/attempt=1.log', 'airflow.db', '/run_results.json', '/dbt_build.log']) {
      expect(names.filter((name) => name.endsWith(part))).not.toEqual([]);
    }
    expect(names.filter((name) => written.get(name)?.includes(line))).toEqual([]);
  });

  it('ends with everything it started, even if it is killed', async () => {
    const folder = join(running.folder, 'state', 'airflow');
    const [supervisor] = processesNaming('local_airflow', folder);
    expect(processesIn(folder).length).toBeGreaterThanOrEqual(3);
    process.kill(supervisor as number, 'SIGKILL');
    await expect.poll(() => processesIn(folder), PATIENCE).toEqual([]);
  });
});
