import { parquetWriteBuffer } from 'hyparquet-writer';
import { beforeEach, describe, expect, it } from 'vitest';
import { tablePartitionPrefix, withdrawnMarkKey } from '../../lib/contracts/object-keys';
import { tables } from '../../lib/contracts/tables';
import { parquetFile } from '../../lib/functions/ledger/parquet';
import { publishedTraces } from '../../operator/erasure/traces';
import { FakeDeployment } from '../support/fake-deployment';

const DAY = '2026-11-21';
const PERSON = { source: 'native', reviewer: 'U1' };
const [FIRST, SECOND, COMPACTION] = ['a', 'b', 'c-compacted'].map((id) => ({ id, ingestDate: DAY })) as [
  { id: string; ingestDate: string },
  { id: string; ingestDate: string },
  { id: string; ingestDate: string },
];

let fake: FakeDeployment;
const put = (key: string, bytes: Uint8Array) => fake.pipeline.s3.objects.set(`processed/${key}`, bytes);
const text = (name: string, data: string[]) => ({ name, data, type: 'STRING' as const });

/** Reviews of the person, one of each file, in the folder of a batch or of a compaction. */
function publish(folder: { id: string; ingestDate: string }, files: string[], batches?: string[]): void {
  const columnData = [
    text(
      'source',
      files.map(() => 'native'),
    ),
    text('file_id', files),
    text(
      'reviewer_id',
      files.map(() => 'U1'),
    ),
    ...(batches ? [text('original_batch_id', batches)] : []),
  ];
  for (const table of ['reviews', 'reviewers'] as const) {
    put(`${tablePartitionPrefix(table, folder)}part-00000.parquet`, new Uint8Array(parquetWriteBuffer({ columnData })));
  }
}

beforeEach(() => {
  fake = new FakeDeployment();
  publish(FIRST, ['f1']);
  publish(COMPACTION, ['f1', 'f2'], [FIRST.id, SECOND.id]);
  const announced = [FIRST.id, SECOND.id].map((id) => ({
    compacted_batch_id: id,
    compacted_rows: '{"reviews": 1}',
    compacted_at: new Date(),
  }));
  put(
    `${tablePartitionPrefix('compactions', COMPACTION)}part-00000.parquet`,
    parquetFile(tables.compactions, announced),
  );
});

describe('rows of a person in the published tables', () => {
  it('are found in the files of a compaction, too', async () => {
    expect(await publishedTraces(fake.deployment, PERSON)).toEqual({
      counted: new Set(['f1', 'f2']),
      waiting: new Set(),
    });
  });

  it('wait for the compaction where their batch was replaced, and count for nobody', async () => {
    put(withdrawnMarkKey(SECOND), new Uint8Array());
    expect(await publishedTraces(fake.deployment, PERSON)).toEqual({
      counted: new Set(['f1']),
      waiting: new Set(['f2']),
    });
  });

  it('are none of somebody else', async () => {
    const { counted, waiting } = await publishedTraces(fake.deployment, { ...PERSON, reviewer: 'U2' });
    expect([...counted, ...waiting]).toEqual([]);
  });
});
