import { s3Uri, sourceFolder, workFileKey } from '../../contracts/object-keys';
import { sources } from '../../contracts/sources';
import { fileId } from '../ledger/identity';
import type { Arrival, Finding, Ledger, Transition } from '../ledger/ledger';
import type { ManifestFile } from '../ledger/manifest';
import { ending } from './endings';
import { copying, headObjectVersion, ObjectRefused, type ReceivedObject, readRange } from './received-object';
import { copyObjectVersion } from './server-side-copy';
import { breaksOff, type FileForm, sniff, type Verdict } from './sniffer';

// Most files show what they are in the first read; a document with a long head, in the second.
const FIRST_READ_BYTES = 64 * 1024;
const MAX_READ_BYTES = 1024 * 1024;

/** What happens to a claimed file. */
export interface Decision {
  /** The file as the jobs are to read it; undefined where it ends here. */
  readonly file?: ManifestFile;
  readonly transition: Transition;
  readonly finding: Finding;
}

/** Where the copies of the batch's files go. */
export interface WorkArea {
  readonly processedBucket: string;
  readonly batchId: string;
}

/**
 * Decides what becomes of a claimed object version, and copies it to the work area if it goes on to the jobs.
 *
 * What is wrong with the file makes a decision, never an error; an error is trouble of the pipeline's own.
 */
export async function decide(arrival: Arrival, ledger: Ledger, workArea: WorkArea): Promise<Decision> {
  let finding: Finding = {};
  try {
    const object = await headObjectVersion(arrival);
    finding = { size_bytes: object.sizeBytes, etag: object.etag, checksum: object.checksum };
    if (object.sizeBytes === 0) {
      return { transition: ending('NO_BYTES'), finding };
    }
    const published = await publishedTwin(arrival, object, ledger);
    if (published) {
      return { transition: ending('SAME_CONTENT', `version ${published}`), finding };
    }
    const sniffed = await sniffObject(arrival, object.sizeBytes);
    if (sniffed.verdict.kind === 'unreadable') {
      return { transition: ending(sniffed.verdict.reason), finding };
    }
    const { form } = sniffed.verdict;
    const cutOff = await isCutOff(arrival, object.sizeBytes, form, sniffed.bytes);
    const file = await copyToWorkArea(arrival, object, { ...form, cutOff }, workArea);
    return { file, transition: { status: 'PROCESSING' }, finding: { ...finding, source: file.source } };
  } catch (error) {
    if (error instanceof ObjectRefused) {
      return { transition: error.transition, finding };
    }
    throw error;
  }
}

/** Version id of a published version of the same object with the same content; a version that was claimed is not itself one. */
async function publishedTwin(
  arrival: Arrival,
  { sizeBytes, etag, checksum }: ReceivedObject,
  ledger: Ledger,
): Promise<string | undefined> {
  const published = await ledger.publishedVersions(arrival);
  return published.find(
    (entry) =>
      entry.size_bytes === sizeBytes &&
      (entry.etag === etag || (checksum !== undefined && entry.checksum === checksum)),
  )?.version_id;
}

/** A verdict on a file, and the first bytes that it goes by. */
interface Sniffed {
  readonly verdict: Exclude<Verdict, { kind: 'undecided' }>;
  readonly bytes: Uint8Array;
}

async function sniffObject(arrival: Arrival, sizeBytes: number): Promise<Sniffed> {
  const named = sources.get(sourceFolder(arrival.key) ?? '');
  const contracts = [...sources.values()];
  for (const length of [FIRST_READ_BYTES, MAX_READ_BYTES]) {
    const whole = sizeBytes <= length;
    const bytes = await readRange(arrival, 0, Math.min(length, sizeBytes) - 1);
    const verdict = await sniff(bytes, { whole, final: whole || length === MAX_READ_BYTES, contracts, named });
    if (verdict.kind !== 'undecided') {
      return { verdict, bytes };
    }
  }
  throw new Error(`The sniffer came to no verdict on file ${fileId(arrival)}, though it was its last read.`);
}

/** Whether the file breaks off in its last line. Only lines of plain UTF-8 tell without reading the whole file. */
async function isCutOff(arrival: Arrival, sizeBytes: number, form: FileForm, firstBytes: Uint8Array): Promise<boolean> {
  if (form.layout !== 'lines' || form.compression !== 'none' || form.encoding !== 'utf-8') {
    return false;
  }
  const whole = firstBytes.length === sizeBytes;
  const tail = whole ? firstBytes : await readRange(arrival, Math.max(0, sizeBytes - MAX_READ_BYTES), sizeBytes - 1);
  return breaksOff(new TextDecoder().decode(tail), tail.length === sizeBytes);
}

async function copyToWorkArea(
  arrival: Arrival,
  { sizeBytes, etag }: ReceivedObject,
  { source, ...form }: FileForm & { readonly cutOff: boolean },
  { processedBucket, batchId }: WorkArea,
): Promise<ManifestFile> {
  const id = fileId(arrival);
  const workKey = workFileKey(batchId, id, { lines: form.layout === 'lines', gzip: form.compression === 'gzip' });
  await copying(copyObjectVersion(arrival, sizeBytes, { bucket: processedBucket, key: workKey }));
  const { bucket, key, versionId, arrivedAt } = arrival;
  return {
    fileId: id,
    bucket,
    key,
    versionId,
    sizeBytes,
    etag,
    arrivedAt,
    source: source.source,
    uri: s3Uri(processedBucket, workKey),
    ...form,
  };
}
