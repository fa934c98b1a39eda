import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesNamed, filesToDrop } from '../../local/run/drop';
import { checkOutputs } from '../../local/run/outputs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reviews-'));
  writeFileSync(join(folder, 'file'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const below = (...names: string[]): string => join(folder, ...names);
/** Permissions hold nobody back who is root. */
const isRoot = process.getuid?.() === 0;

describe('what a run refuses before anything starts', () => {
  it('accepts outputs that are not there yet, and those that are', () => {
    mkdirSync(below('folder'));
    checkOutputs({ report: below('new', 'report.json'), export: below('new', 'tables') });
    checkOutputs({ report: below('file'), export: below('folder') });
  });

  it.each([
    {
      what: 'a report whose folder is a file',
      outputs: () => ({ report: below('file', 'report.json') }),
      says: /--report .*file is a file/,
    },
    {
      what: 'a report that is a folder',
      outputs: () => ({ report: folder }),
      says: /--report .*: it is a folder, not a file/,
    },
    {
      what: 'an export into a file',
      outputs: () => ({ export: below('file') }),
      says: /--export .*: it is a file, not a folder/,
    },
    {
      what: 'an export below a file',
      outputs: () => ({ export: below('file', 'a', 'b') }),
      says: /--export .*file is a file/,
    },
  ])('is $what', ({ outputs, says }) => {
    expect(() => checkOutputs(outputs())).toThrow(says);
  });

  it.skipIf(isRoot)('is an output, or a file to drop, without permission', () => {
    chmodSync(below('file'), 0o000);
    expect(() => checkOutputs({ report: below('file') })).toThrow(/no permission to write/);
    expect(() => filesToDrop([below('file')])).toThrow(/file: no permission to read it/);
    expect(() => filesToDrop([folder])).toThrow(/file: no permission to read it/);
  });

  it('is a path that leads nowhere, or to what is no file', () => {
    symlinkSync(below('gone'), below('link'));
    expect(() => filesToDrop([below('link')])).toThrow(/link: no such file or folder/);
    expect(() => filesToDrop(['/dev/null'])).toThrow('/dev/null: neither a file nor a folder');
  });

  it('is a producer without files, and one without a contract', () => {
    expect(() => filesNamed([], 'native')).toThrow('--source native: no files are named');
    expect(() => filesNamed([below('file')], 'nobody')).toThrow(/--source nobody: no such source/);
    expect(filesNamed([])).toBeUndefined();
  });
});
