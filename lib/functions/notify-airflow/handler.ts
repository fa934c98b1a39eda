import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { orchestrationContract } from '../../contracts/orchestration';
import { type PublishedEvent, publishedEventSchema } from '../../contracts/published-event';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseJsonOrThrow } from '../runtime/parse';
import { createAssetEvent, findAsset } from './airflow/assets';
import { requireListening } from './airflow/dags';
import { RestApi } from './airflow/rest-api';

/** Batches that an event of Airflow names; the ledger knows them all. */
const MAX_BATCHES_NAMED = 20;

/**
 * Makes one event of Airflow's asset for all announcements of a batch of SQS messages: dbt finds out itself what is new, so one
 * run serves them all.
 *
 * @returns the messages that are not announcements: SQS delivers them again, then moves them to the dead-letter queue
 * @throws AirflowUnavailableError, AirflowRefusedError, AssetNotFoundError or DagNotListeningError, with which every message stays in
 *   the queue
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  logger.addContext(context);
  const messages = event.Records.map((record) => ({ record, announcement: readAnnouncement(record) }));
  const announcements = messages.flatMap(({ announcement }) => announcement ?? []);
  const unreadable = messages.filter(({ announcement }) => announcement === undefined);

  if (announcements.length > 0) await announce(announcements, context);
  return { batchItemFailures: unreadable.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}

async function announce(announcements: readonly PublishedEvent[], context: Context): Promise<void> {
  const api = new RestApi(requiredEnvironment('AIRFLOW_ENVIRONMENT'), () => context.getRemainingTimeInMillis());
  const extra = {
    batches: announcements.slice(0, MAX_BATCHES_NAMED).map(({ detail }) => detail.batch.id),
    batchCount: announcements.length,
    recordsPublished: announcements.reduce((sum, { detail }) => sum + detail.records.published, 0),
  };
  try {
    const asset = await findAsset(api, orchestrationContract.publishedAsset);
    await requireListening(api, orchestrationContract.dagId);
    const { id, timestamp } = await createAssetEvent(api, asset, extra);
    logger.info('Airflow has been told', { assetEventId: id, assetEventTimestamp: timestamp, ...extra });
  } catch (error) {
    logger.error('Airflow could not be told; the announcements stay in the queue', { error: error as Error, ...extra });
    throw error;
  }
}

function readAnnouncement({ messageId, body }: SQSRecord): PublishedEvent | undefined {
  try {
    return parseJsonOrThrow(publishedEventSchema, body, `message ${messageId}`);
  } catch (error) {
    logger.error('A message is not an announcement of published reviews', error as Error);
    return undefined;
  }
}
