import { s3Uri, sourceFolder, workFileKey } from '../../contracts/object-keys';
import { sources } from '../../contracts/sources';
import { fileId } from '../ledger/identity';
import type { Arrival, Finding, Ledger, Transition } from '../ledger/ledger';
import type { ManifestFile } from '../ledger/manifest';
import { ending } from './endings';
import { examineFile, type RangeReader, type WholeForm } from './file-form';
import { copying, ObjectRefused, type ReceivedObject, readRange } from './received-object';
import { copyObjectVersion } from './server-side-copy';

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
 * Decides what happens to a claimed object version, and copies it to the work area if it goes on to the jobs.
 *
 * What is wrong with the file leads to a decision, never to an error; an error is a fault of the pipeline itself.
 *
 * @param object what S3 says of the version, or how it refuses it
 */
export async function decide(
  arrival: Arrival,
  object: ReceivedObject | ObjectRefused,
  ledger: Ledger,
  workArea: WorkArea,
): Promise<Decision> {
  if (object instanceof ObjectRefused) return { transition: object.transition, finding: {} };
  const { sizeBytes, etag, checksum, statedRecords } = object;
  const finding = { size_bytes: sizeBytes, etag, checksum, records_stated: statedRecords };
  try {
    if (object.sizeBytes === 0) {
      return { transition: ending('NO_BYTES'), finding };
    }
    const published = await publishedTwin(arrival, object, ledger);
    if (published) {
      return { transition: ending('SAME_CONTENT', `version ${published}`), finding };
    }
    const named = sources.get(sourceFolder(arrival.key) ?? '');
    const read: RangeReader = (first, last) => readRange(arrival, first, last);
    const verdict = await examineFile(read, object.sizeBytes, named);
    if (verdict.kind === 'unreadable') {
      return { transition: ending(verdict.reason, verdict.particulars), finding };
    }
    const file = await copyToWorkArea(arrival, object, verdict.form, workArea);
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

async function copyToWorkArea(
  arrival: Arrival,
  { sizeBytes, etag }: ReceivedObject,
  { source, ...form }: WholeForm,
  { processedBucket, batchId }: WorkArea,
): Promise<ManifestFile> {
  const id = fileId(arrival);
  const workKey = workFileKey(batchId, id, {
    lines: form.layout === 'lines',
    gzip: form.compression === 'gzip' && !form.archive,
  });
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
