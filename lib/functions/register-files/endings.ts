import type { FileReason, FileStatus } from '../../contracts/outcomes';
import type { Transition } from '../ledger/ledger';

/** Why a file ends at registration. */
export type EndingReason = Extract<
  FileReason,
  'NO_BYTES' | 'BLANK' | 'VANISHED' | 'DELETE_MARKER' | 'ACCESS_DENIED' | 'UNKNOWN_SOURCE' | 'NOT_TEXT' | 'SAME_CONTENT'
>;

const ENDINGS: Readonly<Record<EndingReason, { status: FileStatus; detail: string }>> = {
  NO_BYTES: {
    status: 'EMPTY',
    detail: 'The object has no bytes. If it should have, ask the producer to put it again.',
  },
  BLANK: {
    status: 'EMPTY',
    detail: 'The object holds white space only. If it should hold more, ask the producer to put it again.',
  },
  VANISHED: {
    status: 'QUARANTINED',
    detail: 'The version was deleted before it could be read. If that was a mistake, put the file again.',
  },
  DELETE_MARKER: {
    status: 'QUARANTINED',
    detail: 'The version is a delete marker, so there is nothing to read and nothing to do.',
  },
  ACCESS_DENIED: {
    status: 'QUARANTINED',
    detail:
      'S3 refused the read. Check the encryption key, storage class and owner of the object, then put the file again.',
  },
  UNKNOWN_SOURCE: {
    status: 'QUARANTINED',
    detail:
      'No source contract recognises the first records. Put the file under reviews/<source>/, or add a contract to contracts/sources/, deploy, and put the file again.',
  },
  NOT_TEXT: {
    status: 'QUARANTINED',
    detail:
      'The content is not of a format that its contract reads, nor a compression or archive of it. Ask the producer for JSON, plain or in gzip, or give the contract the format of the files.',
  },
  SAME_CONTENT: {
    status: 'DUPLICATE',
    detail: 'A version of the same key with the same content is already published.',
  },
};

/** The state that ends a file for `reason`, with what to do in words; `particulars` are added to them. */
export function ending(reason: EndingReason, particulars?: string): Transition {
  const { status, detail } = ENDINGS[reason];
  return { status, reason, detail: particulars ? `${detail} (${particulars})` : detail };
}
