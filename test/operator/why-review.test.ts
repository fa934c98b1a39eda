import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeEach, describe, expect, it } from 'vitest';
import { tablePartitionPrefix } from '../../lib/contracts/object-keys';
import { tables } from '../../lib/contracts/tables';
import { parquetFile } from '../../lib/functions/ledger/parquet';
import { isReviewKey, whyReview } from '../../operator/commands/why-review';
import { FakeDeployment } from '../support/fake-deployment';

const DAY = '2026-11-21';
const REVIEW = 'a'.repeat(64);
const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 10, day, hour));

let fake: FakeDeployment;
const put = (table: 'reviews' | 'deleted_reviews' | 'compactions', id: string, bytes: Uint8Array) =>
  fake.pipeline.s3.objects.set(
    `processed/${tablePartitionPrefix(table, { id, ingestDate: DAY })}part-00000.parquet`,
    bytes,
  );
const text = (name: string, value: string) => ({ name, data: [value], type: 'STRING' as const });
const time = (name: string, value: Date | null) => ({ name, data: [value], type: 'TIMESTAMP' as const });

function publish(folder: string, record: number, updatedAt: Date, batch?: string): void {
  const columnData = [
    text('review_key', REVIEW),
    text('file_id', `file-${batch ?? folder}`),
    { name: 'record_number', data: [BigInt(record)], type: 'INT64' as const },
    time('created_at', at(1)),
    time('updated_at', updatedAt),
    time('ingested_at', at(20, record)),
    ...(batch ? [text('original_batch_id', batch)] : []),
  ];
  put('reviews', folder, new Uint8Array(parquetWriteBuffer({ columnData })));
}

function erase(folder: string, deletedAt: Date): void {
  const columnData = [
    text('review_key', REVIEW),
    text('file_id', 'file-deletions'),
    { name: 'record_number', data: [9n], type: 'INT64' as const },
    time('deleted_at', deletedAt),
    text('reason', 'SOURCE'),
    time('ingested_at', at(21)),
  ];
  put('deleted_reviews', folder, new Uint8Array(parquetWriteBuffer({ columnData })));
}

const fates = async () =>
  JSON.parse(await whyReview(fake.deployment, REVIEW, { json: true })).mentions.map(
    ({ batchId, fate }: { batchId: string; fate: string }) => [batchId, fate],
  );

beforeEach(() => {
  fake = new FakeDeployment();
});

describe('what happened to a review', () => {
  it('lets the newest version count, of one time the one that was ingested last', async () => {
    publish('later', 3, at(5));
    publish('newest', 2, at(6));
    publish('same-time', 4, at(6));
    expect(await fates()).toEqual([
      ['later', 'REPLACED'],
      ['newest', 'REPLACED'],
      ['same-time', 'PUBLISHED'],
    ]);
    expect(await whyReview(fake.deployment, REVIEW)).toMatch(/#4, batch same-time: counts/);
  });

  it('lets a deletion take the versions that are not newer, and a later one come back', async () => {
    publish('before', 1, at(5));
    publish('of-its-time', 2, at(6));
    erase('deletions', at(6));
    expect(await fates()).toEqual([
      ['before', 'DELETED'],
      ['of-its-time', 'DELETED'],
      ['deletions', 'DELETION'],
    ]);
    publish('after', 3, at(7));
    expect((await fates()).at(-1)).toEqual(['after', 'PUBLISHED']);
  });

  it('is read once where a compaction holds the rows of a batch whose own files are still there', async () => {
    publish('small', 1, at(5));
    publish('c-compacted', 1, at(5), 'small');
    const announced = [{ compacted_batch_id: 'small', compacted_rows: '{"reviews": 1}', compacted_at: at(21) }];
    put('compactions', 'c-compacted', parquetFile(tables.compactions, announced));
    expect(await fates()).toEqual([['small', 'PUBLISHED']]);
  });

  it('says where else to look if nothing of it is published', async () => {
    publish('another', 1, at(5));
    await expect(whyReview(fake.deployment, 'b'.repeat(64))).rejects.toThrow('No published table has a review');
    expect(isReviewKey('reviews/native/a.jsonl#1')).toBe(false);
  });
});
