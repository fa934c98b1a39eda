import { describe, expect, it } from 'vitest';
import { examineFile } from '../../../lib/functions/register-files/file-form';
import { contractNamed, recordOf } from '../../support/records';
import { tarOf } from '../../support/tar';

async function sourceOf(text: string | Buffer, folder?: string): Promise<string> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const read = (first: number, last: number) => Promise.resolve(bytes.subarray(first, last + 1));
  const verdict = await examineFile(read, bytes.length, folder ? contractNamed(folder) : undefined);
  return verdict.kind === 'readable' ? verdict.form.source.source : verdict.reason;
}

function line(source: string): string {
  return `${JSON.stringify(recordOf(contractNamed(source), {}))}\n`;
}

describe('a catalogue', () => {
  it.each([
    ['amazon-2014', 'amazon-2014-products'],
    ['amazon-2018', 'amazon-2018-products'],
    ['amazon-2023', 'amazon-2023-products'],
    ['goodreads', 'goodreads-books'],
    ['google-local', 'google-local-places'],
    ['yelp', 'yelp-businesses'],
  ])('in the folder of %s is taken for one', async (folder, catalogue) => {
    expect(await sourceOf(line(catalogue), folder)).toBe(catalogue);
    expect(await sourceOf(line(catalogue))).toBe(catalogue);
  });

  it('in its own folder is read by its contract, whatever it holds', async () => {
    expect(await sourceOf('{"anything": 1}\n', 'yelp-businesses')).toBe('yelp-businesses');
  });

  it('at the beginning of an archive does not decide for what follows', async () => {
    const archive = tarOf('business.json', line('yelp-businesses'));
    expect(await sourceOf(archive, 'yelp')).toBe('yelp');
    expect(await sourceOf(archive)).toBe('UNKNOWN_SOURCE');
  });

  it('makes no difference to the reviews in the same folder', async () => {
    expect(await sourceOf(line('yelp'), 'yelp')).toBe('yelp');
    expect(await sourceOf('{"anything": 1}\n', 'yelp')).toBe('yelp');
  });
});
