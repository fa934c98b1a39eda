import { describe, expect, it } from 'vitest';
import type { FileResult } from '../../local/run/file-result';
import { notesOf } from '../../local/run/notes';

const file = (name: string, status: string, reason: string | null = null): FileResult => ({
  path: name,
  name,
  source: 'native',
  status,
  reason,
  recordsRead: 0,
  published: 0,
  duplicates: 0,
  deleted: 0,
  rejected: {},
  executionArn: null,
  executionStatus: null,
  seconds: 1,
});

const notes = (...files: FileResult[]): string => notesOf(files, '/runs/one').join('\n');

describe('notes below the result table', () => {
  it('are absent where every file is PUBLISHED without remark', () => {
    expect(notes(file('a.json', 'PUBLISHED'))).toBe('');
  });

  it.each(['EMPTY', 'DUPLICATE', 'QUARANTINED', 'REJECTED', 'FAILED', 'LOST'])(
    'give the reason of a file that is %s',
    (status) => {
      expect(notes(file('a.json', status, 'This is why.'))).toContain(`a.json: ${status}: This is why.`);
    },
  );

  it('name a file that is not PUBLISHED even where the ledger gives no reason', () => {
    expect(notes(file('a.json', 'QUARANTINED'))).toContain('a.json: QUARANTINED: the ledger gives no reason.');
  });

  it('say once what holds for many files', () => {
    const said = notes(file('a.json', 'EMPTY', 'No record.'), file('b.json', 'EMPTY', 'No record.'));
    expect(said).toContain('a.json and 1 more: EMPTY: No record.');
    expect(said).not.toContain('b.json');
  });

  it('say where to look for more of what failed and of what was rejected', () => {
    const said = notes(
      file('a.json', 'FAILED', 'Killed.'),
      file('b.json', 'REJECTED', 'No id.'),
      file('c.json', 'EMPTY', 'No byte.'),
    );
    expect(said).toContain('FAILED: the logs of the jobs, /runs/one/aws/glue');
    expect(said).toContain('REJECTED: the table rejected_records');
    expect(said.split('Where to look:')[1]).not.toContain('EMPTY');
  });
});
