import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../lib/functions/notify-airflow/handler';
import { logger } from '../../../lib/functions/runtime/logging';
import { airflowSays, FakeAirflow, type FakeAnswer, mwaaSays } from '../../support/fake-airflow';

const SECRET = 'wJalrXUtnFEMI-secret-access-key';
const TOKEN = 'session-token-of-the-role';
const ASSET = { id: 7, name: 'reviews_published' };
const DAG = { dag_id: 'reviews_dbt', is_paused: false, is_stale: false };
const EVENT = { id: 41, timestamp: '2026-11-21T09:00:00Z' };

let airflow: FakeAirflow;
let remaining: number;
let logged: string[];

const context = {
  functionName: 'notify-airflow',
  awsRequestId: 'request',
  getRemainingTimeInMillis: () => remaining,
} as Context;

/** Answers as Airflow does, except for what is given. */
function answering(answers: { assets?: FakeAnswer; dag?: FakeAnswer; event?: FakeAnswer } = {}): void {
  const {
    assets = airflowSays(200, { assets: [ASSET], total_entries: 1 }),
    dag = airflowSays(200, DAG),
    event = airflowSays(200, EVENT),
  } = answers;
  airflow.answer = ({ Method, Path }) => {
    if (Method === 'POST') return event;
    return Path === '/assets' ? assets : dag;
  };
}

beforeEach(async () => {
  remaining = 30_000;
  logged = [];
  airflow = new FakeAirflow();
  answering();
  vi.stubEnv('AWS_ENDPOINT_URL', await airflow.start());
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_SESSION_TOKEN', TOKEN);
  vi.stubEnv('AIRFLOW_ENVIRONMENT', 'reviews-test-airflow');
  logger.setLogLevel('INFO');
  const keep = (line: unknown) => void logged.push(String(line));
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(keep);
  // The logger of Powertools has a console of its own, so that the runtime does not wrap it.
  const { console: own } = logger as unknown as { console: Console };
  for (const level of ['info', 'warn', 'error'] as const) vi.spyOn(own, level).mockImplementation(keep);
});

afterEach(async () => {
  await airflow.stop();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function announcement(batch: string, published = 3): string {
  return JSON.stringify({
    version: '0',
    source: 'review-pipeline',
    'detail-type': 'Reviews Published',
    detail: {
      batch: { id: batch, ingestDate: '2026-11-21' },
      records: { read: published + 1, published, rejected: 1, duplicates: 0 },
      executionArn: `arn:aws:states:eu-west-1:111122223333:execution:reviews-test-intake:${batch}`,
    },
  });
}

function messages(...bodies: string[]): SQSEvent {
  return { Records: bodies.map((body, index) => ({ messageId: `message-${index}`, body })) } as SQSEvent;
}

const notify = (...bodies: string[]) => handler(messages(...bodies), context);

describe('a batch of published events', () => {
  it('becomes one event of the asset, found by its exact name', async () => {
    const other = { id: 3, name: 'reviewsXpublished' };
    answering({ assets: airflowSays(200, { assets: [other, ASSET] }) });
    expect(await notify(announcement('a'), announcement('b', 4))).toEqual({ batchItemFailures: [] });
    expect(airflow.calls.map(({ body }) => body)).toEqual([
      { Method: 'GET', Path: '/assets', QueryParameters: { name_pattern: 'reviews_published' } },
      { Method: 'GET', Path: '/dags/reviews_dbt' },
      {
        Method: 'POST',
        Path: '/assets/events',
        Body: { asset_id: 7, extra: { batches: ['a', 'b'], batchCount: 2, recordsPublished: 7 } },
      },
    ]);
  });

  it('names the first twenty batches, however many there are', async () => {
    await notify(...Array.from({ length: 100 }, (_, index) => announcement(`batch-${index}`)));
    expect(airflow.calls.filter(({ body }) => body.Method === 'POST')).toHaveLength(1);
    expect(airflow.calls.at(-1)?.body.Body).toMatchObject({
      extra: { batches: Array.from({ length: 20 }, (_, index) => `batch-${index}`), batchCount: 100 },
    });
  });

  it('is signed for MWAA with the credentials of the role', async () => {
    await notify(announcement('a'));
    const [call] = airflow.calls;
    expect(call?.url).toBe('/restapi/reviews-test-airflow');
    expect(call?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\w+\/\d{8}\/eu-west-1\/airflow\/aws4_request/,
    );
    expect(call?.headers['x-amz-security-token']).toBe(TOKEN);
  });

  it('leaves no connection open that would be dead when the function is thawed', async () => {
    await notify(announcement('a'));
    expect(airflow.calls.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close']);
  });

  it('returns the messages that are not announcements, and announces the others', async () => {
    const result = await notify('not json', announcement('a'), announcement('nothing', 0), '{"source": "aws.s3"}');
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'message-0',
      'message-2',
      'message-3',
    ]);
    expect(airflow.calls.at(-1)?.body.Body).toMatchObject({ extra: { batches: ['a'] } });
  });

  it('without any announcement does not call Airflow', async () => {
    await notify('not json');
    expect(airflow.calls).toEqual([]);
  });
});

describe('an Airflow that is out of reach keeps every message in the queue', () => {
  it('where nothing answers', async () => {
    await airflow.stop();
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({
        name: 'AirflowUnavailableError',
        message: expect.stringMatching(
          /^GET \/assets: 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*airflow\.env\.$/,
        ),
      }),
    );
  });

  it('where it answers too late for the function', async () => {
    remaining = 1_300;
    answering({ assets: { status: 200, text: '', hang: true } });
    await expect(notify(announcement('a'))).rejects.toThrow(/cannot be reached: TimeoutError/);
  });

  it.each([
    ['MWAA throttles', mwaaSays(429, 'Rate exceeded'), 'MWAA answered 429: Rate exceeded'],
    ['MWAA is unavailable', mwaaSays(503, 'Service Unavailable'), 'MWAA answered 503: Service Unavailable'],
    ['a proxy answers', { status: 502, text: '<html>Bad Gateway</html>' }, 'MWAA answered 502'],
    [
      'Airflow is failing',
      airflowSays(500, { detail: 'database is locked' }),
      'Airflow answered 500: {"detail":"database',
    ],
    ['Airflow throttles', airflowSays(429, { detail: 'slow down' }), 'Airflow answered 429'],
  ])('where %s', async (_case, answer, text) => {
    answering({ event: answer });
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({
        name: 'AirflowUnavailableError',
        message: expect.stringMatching(new RegExp(`^POST /assets/events: ${text}.*It is tried again`, 's')),
      }),
    );
  });

  it('unless MWAA throttles for a second only: the signer tries again', async () => {
    let refused = 0;
    airflow.answer = ({ Method, Path }) => {
      if (Method === 'POST') return airflowSays(200, EVENT);
      if (Path !== '/assets') return airflowSays(200, DAG);
      refused += 1;
      return refused < 3 ? mwaaSays(429, 'Rate exceeded') : airflowSays(200, { assets: [ASSET] });
    };
    expect(await notify(announcement('a'))).toEqual({ batchItemFailures: [] });
  });
});

describe('an Airflow that refuses the event', () => {
  it('because it has not read the DAG yet, keeps the messages in the queue', async () => {
    answering({ assets: airflowSays(200, { assets: [], total_entries: 0 }) });
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({
        name: 'AssetNotFoundError',
        message: expect.stringMatching(/^Airflow knows no asset reviews_published\..*import error of the DAG/),
      }),
    );
    expect(airflow.calls.map(({ body }) => body.Method)).toEqual(['GET']);
  });

  it.each([
    ['is paused', { is_paused: true }, /^The DAG reviews_dbt is paused: .*somebody switches it on/],
    ['is marked as stale', { is_stale: true }, /^Airflow marks the DAG reviews_dbt as stale: .*DAG processing log/],
  ])('to start a DAG that %s, keeps the messages in the queue: the event would be lost', async (_case, state, text) => {
    answering({ dag: airflowSays(200, { ...DAG, ...state }) });
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({ name: 'DagNotListeningError', message: expect.stringMatching(text) }),
    );
    expect(airflow.calls.filter(({ body }) => body.Method === 'POST')).toEqual([]);
  });

  it.each([
    ['the role of the function', mwaaSays(403, 'User is not authorized'), /MWAA answered 403.*airflow:InvokeRestApi/],
    ['the role of Airflow', airflowSays(403, { detail: 'Forbidden' }), /Airflow answered 403.*may create asset events/],
    ['the call', airflowSays(422, { detail: [{ loc: ['asset_id'] }] }), /Airflow answered 422.*Compare the call/],
    ['an environment that is not there', mwaaSays(404, 'No environment'), /MWAA answered 404: No environment/],
  ])('%s, says what to do', async (_case, answer, text) => {
    answering({ event: answer });
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({ name: 'AirflowRefusedError', message: expect.stringMatching(text) }),
    );
  });

  it.each([
    ['a list that is none', airflowSays(200, { datasets: [] }), /answered 200 with something other than expected/],
    ['no JSON', { status: 200, text: 'OK' }, /MWAA answered 200, but not in JSON: OK/],
  ])('to be understood, answering %s, says so', async (_case, answer, text) => {
    answering({ assets: answer });
    await expect(notify(announcement('a'))).rejects.toThrow(
      expect.objectContaining({ name: 'AirflowRefusedError', message: expect.stringMatching(text) }),
    );
  });
});

describe('the log of notify-airflow', () => {
  it('says what was announced', async () => {
    await notify(announcement('a'));
    expect(logged.join()).toContain('"assetEventId":41');
    expect(logged.join()).toContain('"recordsPublished":3');
  });

  it('never holds a credential', async () => {
    answering({ event: mwaaSays(403, 'User is not authorized') });
    await expect(notify('not json', announcement('a'))).rejects.toThrow();
    expect(logged.length).toBeGreaterThan(1);
    for (const text of [SECRET, TOKEN, 'AWS4-HMAC']) expect(logged.join()).not.toContain(text);
  });
});
