import type { FileReason, FileStatus } from '../../contracts/outcomes';
import { statusShard } from '../../contracts/status-index';
import { type LedgerEntry, objectVersionOf, publicationOf, type RecordCounts, rejectedTotal } from './entry';
import { batchOf, type Execution, fileId, type ObjectVersion } from './identity';
import type { Condition, LedgerRows } from './ledger-rows';

const FIGURES = [
  'records_read',
  'records_published',
  'records_rejected',
  'records_duplicate',
  'records_deleted',
  'rejected_by_reason',
] as const;
const FINDINGS = ['reason', 'detail', 'source', 'checksum', 'records_stated', ...FIGURES] as const;

/** An object version as its event announces it; S3's own answer replaces size and ETag once it is asked. */
export interface Arrival extends ObjectVersion {
  readonly sizeBytes?: number | undefined;
  readonly etag?: string | undefined;
  /** When the object was created, by its event: ISO 8601, UTC. */
  readonly arrivedAt: string;
}

/** The object version of a row, as an event would announce it. */
export const arrivalOfEntry = (entry: LedgerEntry): Arrival => ({
  ...objectVersionOf(entry),
  sizeBytes: entry.size_bytes,
  etag: entry.etag,
  arrivedAt: entry.arrived_at,
});

/** Where claiming differs from that of a file's arrival. */
export interface Claiming {
  /** What made the execution start; undefined where it was the file's arrival. */
  readonly triggeredBy?: string | undefined;
  /** Take versions, too, that ended at registration: an operator has removed the cause. */
  readonly again?: boolean;
  /** The row as it is, where its outcome is to be replaced as a whole batch. */
  readonly replaced?: LedgerEntry;
}

/** The state that a file enters, and why. */
export interface Transition {
  readonly status: FileStatus;
  readonly reason?: FileReason | undefined;
  readonly detail?: string | undefined;
}

/** What registration has found out about a file. */
export interface Finding {
  readonly source?: string | undefined;
  readonly size_bytes?: number | undefined;
  readonly etag?: string | undefined;
  readonly checksum?: string | undefined;
  readonly records_stated?: number | undefined;
}

/**
 * The ledger of object versions, on behalf of one execution: who has claimed which version, and its state.
 *
 * Every write is conditional on the row still being this execution's. A write that does not happen answers undefined.
 */
export class Ledger {
  readonly batchId: string;

  constructor(
    private readonly rows: LedgerRows,
    private readonly execution: Execution,
  ) {
    this.batchId = batchOf(execution).id;
  }

  /**
   * Claims an object version: it has no row, its row is FAILED (a re-run), or the row is this execution's own (a retried task,
   * which is not another attempt). What this execution has already published stays as it is. A replay may take more.
   *
   * @returns the row, RECEIVED; undefined if the version is another execution's
   */
  async claim(arrival: Arrival, claiming: Claiming = {}): Promise<LedgerEntry | undefined> {
    const now = new Date().toISOString();
    const batch = batchOf(this.execution);
    const received = {
      set: {
        file_id: fileId(arrival),
        ...entered(arrival, { status: 'RECEIVED' }),
        size_bytes: arrival.sizeBytes,
        etag: arrival.etag,
        arrived_at: arrival.arrivedAt,
        received_at: now,
        updated_at: now,
        batch_id: batch.id,
        ingest_date: batch.ingestDate,
        execution_arn: this.execution.arn,
        triggered_by: claiming.triggeredBy,
      },
      remove: FINDINGS,
    };
    const { replaced } = claiming;
    const first = replaced
      ? { ...received, set: { ...received.set, replaces: publicationOf(replaced) } }
      : { ...received, remove: [...FINDINGS, 'replaces'] };
    const claimed = await this.rows.update(arrival, { ...first, increment: 'attempt' }, claimable(claiming));
    return (
      claimed ??
      // What it replaces was noted at the first try.
      (await this.rows.update(arrival, received, {
        expression: '#execution_arn = :execution_arn AND #status <> :published',
        values: { ':published': 'PUBLISHED' },
      }))
    );
  }

  /** Moves a file on from RECEIVED, with what registration found out about it. */
  async recordRegistration(
    version: ObjectVersion,
    transition: Transition,
    finding: Finding,
  ): Promise<LedgerEntry | undefined> {
    return this.move(version, 'RECEIVED', { ...entered(version, transition), ...finding });
  }

  /** Moves a file on from PROCESSING, with the jobs' figures. */
  async recordOutcome(
    version: ObjectVersion,
    transition: Transition,
    counts: RecordCounts,
  ): Promise<LedgerEntry | undefined> {
    return this.move(version, 'PROCESSING', {
      ...entered(version, transition),
      records_read: counts.recordsRead,
      records_published: counts.published,
      records_duplicate: counts.duplicates,
      records_deleted: counts.deleted,
      records_rejected: rejectedTotal(counts),
      rejected_by_reason: counts.rejected,
    });
  }

  /** Marks a file of this batch as failed, whatever its state is, and removes its figures: nothing of it is published. */
  async recordFailure(version: ObjectVersion, transition: Transition): Promise<LedgerEntry | undefined> {
    return this.rows.update(
      version,
      { set: { ...entered(version, transition), updated_at: new Date().toISOString() }, remove: FIGURES },
      {
        expression: '#batch_id = :own_batch',
        names: { '#batch_id': 'batch_id' },
        values: { ':own_batch': this.batchId },
      },
    );
  }

  /** Gives a failed file of this batch back its earlier outcome, which is still published; does nothing to one that has none. */
  async restore(failed: LedgerEntry): Promise<void> {
    const earlier = restored(failed);
    if (!earlier) return;
    const version = objectVersionOf(failed);
    const { object: _, version_id: __, ...set } = earlier;
    await this.rows.update(
      version,
      { set: { ...set, ...entered(version, earlier) }, remove: ['replaces'] },
      { expression: '#batch_id = :own_batch', values: { ':own_batch': this.batchId } },
    );
  }

  /**
   * Marks a version whose records of a person go, on behalf of an operator: whatever it had published counts no longer. It stays a row
   * of its batch, so that what is left of the batch is found.
   *
   * @param seen the row as it was when that was decided
   */
  async recordErasure(seen: LedgerEntry, detail: string): Promise<LedgerEntry | undefined> {
    const version = objectVersionOf(seen);
    const set = { ...entered(version, { status: 'ERASED', detail }), triggered_by: 'erase' };
    return this.rows.update(
      version,
      { set: { ...set, updated_at: new Date().toISOString() }, remove: FIGURES },
      {
        expression: '#batch_id = :seen_batch AND #status = :seen_status',
        names: { '#batch_id': 'batch_id' },
        values: { ':seen_batch': seen.batch_id, ':seen_status': seen.status },
      },
    );
  }

  /** Rows of the PUBLISHED versions of the same object. */
  async publishedVersions({ bucket, key }: ObjectVersion): Promise<LedgerEntry[]> {
    return this.rows.query({
      KeyConditionExpression: '#object = :object',
      FilterExpression: '#status = :published',
      ExpressionAttributeNames: { '#object': 'object', '#status': 'status' },
      ExpressionAttributeValues: { ':object': `${bucket}/${key}`, ':published': 'PUBLISHED' },
      ConsistentRead: true,
    });
  }

  /** Rows of this batch as the index `by-batch` has them: it lags behind the table, so their state may be an older one. */
  async indexedEntries(batchId = this.batchId): Promise<LedgerEntry[]> {
    return this.rows.query({
      IndexName: 'by-batch',
      KeyConditionExpression: '#batch_id = :batch_id',
      ExpressionAttributeNames: { '#batch_id': 'batch_id' },
      ExpressionAttributeValues: { ':batch_id': batchId },
    });
  }

  /** Row of an object version as it is now; undefined if the version is not of this batch. */
  async ownEntry(version: ObjectVersion): Promise<LedgerEntry | undefined> {
    const entry = await this.rows.read(version);
    return entry?.batch_id === this.batchId ? entry : undefined;
  }

  /** From `from` to the status of `attributes`; from that status itself too, because a retried task says the same again. */
  private async move(
    version: ObjectVersion,
    from: FileStatus,
    attributes: Record<string, unknown>,
  ): Promise<LedgerEntry | undefined> {
    return this.rows.update(
      version,
      { set: { ...attributes, updated_at: new Date().toISOString() } },
      {
        expression: '#batch_id = :own_batch AND #status IN (:from, :status)',
        names: { '#batch_id': 'batch_id' },
        values: { ':own_batch': this.batchId, ':from': from },
      },
    );
  }
}

/** A failed row as it will be once it has its earlier outcome back: a replay that fails leaves what is published as it was. */
export function restored(failed: LedgerEntry): LedgerEntry | undefined {
  const { replaces, ...entry } = failed;
  if (!replaces) return undefined;
  // A millisecond after the failure, so that the history of the file ends with it.
  const updated_at = new Date(Date.parse(failed.updated_at) + 1).toISOString();
  return { ...entry, reason: undefined, detail: undefined, ...replaces, updated_at };
}

/** What a row must be for its version to be claimed. */
function claimable({ again, replaced }: Claiming): Condition {
  if (replaced) {
    // Whatever it has become since, only this very outcome may be replaced.
    return {
      expression: '#batch_id = :replaced_batch AND #status = :replaced_status',
      values: { ':replaced_batch': replaced.batch_id, ':replaced_status': replaced.status },
    };
  }
  const failed = 'attribute_not_exists(#object) OR #status = :failed';
  if (!again) return { expression: failed, names: { '#object': 'object' }, values: { ':failed': 'FAILED' } };
  return {
    // One that the jobs have read has rows in the published tables: those are replaced with their whole batch.
    expression: `${failed} OR #status IN (:quarantined, :empty) AND attribute_not_exists(#records_read)`,
    names: { '#object': 'object' },
    values: { ':failed': 'FAILED', ':quarantined': 'QUARANTINED', ':empty': 'EMPTY' },
  };
}

/** The attributes of a state; reason and detail of the state before go unless the new one has its own. */
function entered(version: ObjectVersion, { status, reason, detail }: Transition): Record<string, unknown> {
  return { status, status_shard: statusShard(status, fileId(version)), reason, detail };
}
