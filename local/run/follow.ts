import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { fileId } from '../../lib/functions/ledger/identity';
import type { Deployed } from '../platform/platform';
import type { DroppedFile } from './drop';
import { currentState, type IntakeExecution, intakeExecutions, ledgerRowsOf } from './executions';
import { endedResult, type FileResult, isTerminal, lostResult, unsettledResult } from './file-result';
import { messagesIn } from './queue-depth';

/** How long to wait between looks (milliseconds): a tenth of the time waited so far, so that short executions are seen at once. */
const MIN_WAIT_MS = 200;
const MAX_WAIT_MS = 2000;

/** Executions looked at in one look, beyond the one call that lists them all. */
const MAX_EXECUTIONS_PER_LOOK = 20;

/**
 * A file counts as lost if no execution claims it in this time (milliseconds): after its drop, or after the intake queue was last
 * seen to hold messages.
 */
const CLAIM_MS = 90_000;

/** How long after its drop the queue is looked at for a file that no execution has claimed (milliseconds): long before it counts as lost. */
const QUEUE_MS = CLAIM_MS / 2;

/** How long the ledger's index may lag behind an execution that has ended (milliseconds). */
const LAG_MS = 20_000;

const sleep = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds));

/** Callbacks for the progress of the files. */
export interface Onlooker {
  /** Called at every look, for every file that has not ended. */
  readonly onState?: (file: DroppedFile, state: string) => void;
  readonly onEnd?: (file: DroppedFile, result: FileResult) => void;
  /** Called after each look. */
  readonly onLook?: () => void;
}

/** What the last look at an execution saw. */
interface Seen {
  /** Number of that look. */
  readonly look: number;
  /** State that it was in, or the status that it ended with. */
  readonly state: string;
  /** When it was first seen to have ended (milliseconds since the epoch). */
  readonly endedAt?: number;
}

/**
 * Follows dropped files until the ledger has the outcome of each and its execution has ended.
 *
 * It looks at executions, and the ledger's index gives their files: the number of calls depends on the running executions, not on
 * the files.
 *
 * @returns a result for each file, in their order
 */
export async function followAll(
  deployed: Deployed,
  files: readonly DroppedFile[],
  onlooker: Onlooker = {},
): Promise<FileResult[]> {
  const following = new Following(deployed, files, onlooker);
  for (const began = Date.now(); following.goesOn; ) {
    await following.look();
    const wait = (Date.now() - began) / 10;
    if (following.goesOn) await sleep(Math.min(Math.max(wait, MIN_WAIT_MS), MAX_WAIT_MS));
  }
  return files.map((file) => following.results.get(file) as FileResult);
}

/** Follows one dropped file to its end. */
export async function follow(deployed: Deployed, file: DroppedFile): Promise<FileResult> {
  const [result] = await followAll(deployed, [file]);
  return result as FileResult;
}

class Following {
  readonly results = new Map<DroppedFile, FileResult>();
  /** Files that have not ended, by their id in the ledger. */
  private readonly pending: Map<string, DroppedFile>;
  /** State of each pending file that an execution has claimed. */
  private readonly states = new Map<string, string>();
  private readonly seen = new Map<string, Seen>();
  /** Executions whose files have all ended. */
  private readonly finished = new Set<string>();
  private readonly firstDrop: number;
  /** When the intake queue was last seen to hold messages (milliseconds since the epoch). */
  private lastQueued = 0;
  private looks = 0;

  constructor(
    private readonly deployed: Deployed,
    files: readonly DroppedFile[],
    private readonly onlooker: Onlooker,
  ) {
    const bucket = deployed.outputs.RawBucketName;
    this.pending = new Map(files.map((file) => [fileId({ bucket, key: file.key, versionId: file.versionId }), file]));
    this.firstDrop = Math.min(...files.map(({ droppedAt }) => droppedAt));
  }

  get goesOn(): boolean {
    return this.pending.size > 0;
  }

  async look(): Promise<void> {
    this.looks += 1;
    const executions = await intakeExecutions(this.deployed);
    const open = executions
      .filter(({ arn, startedAt }) => startedAt.getTime() >= this.firstDrop && !this.finished.has(arn))
      .sort((one, other) => this.lastLook(one) - this.lastLook(other));
    for (const execution of open.slice(0, MAX_EXECUTIONS_PER_LOOK)) await this.lookAt(execution);
    if (this.unclaimedFor(QUEUE_MS).length > 0) await this.lookAtQueue();
    if (this.overdueFiles().length > 0) {
      // Before a file counts as lost, every execution that may have claimed it is asked for its files again.
      for (const execution of open) await this.takeFiles(execution);
      for (const [id, file] of this.overdueFiles()) this.end(id, file, lostResult(file, CLAIM_MS / 1000));
    }
    for (const [id, file] of this.pending) {
      this.onlooker.onState?.(file, this.states.get(id) ?? 'waiting for an execution');
    }
    this.onlooker.onLook?.();
  }

  private lastLook({ arn }: IntakeExecution): number {
    return this.seen.get(arn)?.look ?? 0;
  }

  /** Notes whether files still wait for their turn in the intake queue. */
  private async lookAtQueue(): Promise<void> {
    const { aws, outputs } = this.deployed;
    if (outputs.IntakeQueueUrl && (await messagesIn(aws.sqs, outputs.IntakeQueueUrl)) > 0) this.lastQueued = Date.now();
  }

  private unclaimedFor(milliseconds: number, since = 0): [string, DroppedFile][] {
    const unclaimed = ([id, file]: [string, DroppedFile]) =>
      !this.states.has(id) && Date.now() - Math.max(file.droppedAt, since) > milliseconds;
    return [...this.pending].filter(unclaimed);
  }

  private overdueFiles(): [string, DroppedFile][] {
    return this.unclaimedFor(CLAIM_MS, this.lastQueued);
  }

  private async lookAt(execution: IntakeExecution): Promise<void> {
    const { arn, status } = execution;
    const runs = status === 'RUNNING';
    const last = this.seen.get(arn);
    const state = runs ? await currentState(this.deployed.aws.sfn, arn) : status;
    const endedAt = runs ? undefined : (last?.endedAt ?? Date.now());
    this.seen.set(arn, { look: this.looks, state, ...(endedAt && { endedAt }) });
    if (!runs || last?.state !== state) await this.takeFiles(execution);
  }

  /** Copies what the ledger says about an execution's files. */
  private async takeFiles(execution: IntakeExecution): Promise<void> {
    const { state, endedAt } = this.seen.get(execution.arn) ?? { state: 'starting' };
    const late = endedAt !== undefined && Date.now() - endedAt > LAG_MS;
    const rows = await ledgerRowsOf(this.deployed, execution);
    for (const row of rows) this.take(row, execution, { state, late });
    const settled = rows.length > 0 && rows.every(({ file_id }) => !this.pending.has(file_id));
    if (endedAt && (settled || late)) this.finished.add(execution.arn);
  }

  private take(row: LedgerEntry, execution: IntakeExecution, look: { state: string; late: boolean }): void {
    const file = this.pending.get(row.file_id);
    if (!file) return;
    this.states.set(row.file_id, look.state);
    if (execution.status === 'RUNNING') return;
    if (isTerminal(row.status)) this.end(row.file_id, file, endedResult(file, row, execution.status));
    else if (look.late) this.end(row.file_id, file, unsettledResult(file, row, execution.status));
  }

  private end(id: string, file: DroppedFile, result: FileResult): void {
    this.pending.delete(id);
    this.results.set(file, result);
    this.onlooker.onEnd?.(file, result);
  }
}
