import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sources } from '../../lib/contracts/sources';
import { ROOT } from '../../local/paths';
import { checkContracts, newContract } from '../../operator/commands/contract';
import { beginning, firstRecord } from '../../operator/contract/beginning';
import { faultOfContent, faultsIn } from '../../operator/contract/check';

const LAMP = {
  reviewNo: 7,
  product_id: 'L-1',
  rating: '4',
  by: { id: 'u1' },
  created_at: '2026-01-05',
  text: 'Bright',
};

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'reviews.json');
  writeFileSync(path, text);
  return path;
}

/** A checkout of its own, as far as contracts are concerned. */
function checkout(): string {
  const root = mkdtempSync(join(tmpdir(), 'checkout-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  // A link would lead the code to the contracts beside its own place.
  for (const folder of ['contracts', 'lib']) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
  for (const name of ['glue-scripts', 'node_modules', 'package.json', 'tsconfig.json']) {
    symlinkSync(join(ROOT, name), join(root, name));
  }
  mkdirSync(join(root, 'test/glue/sources'), { recursive: true });
  return root;
}

describe('contract check', () => {
  it('finds every contract of the repository in order, by the schema and by the jobs', async () => {
    expect(await checkContracts([])).toEqual({ text: `${sources.size} contracts are in order.`, inOrder: true });
  });

  it('names the line where a text is no JSON', () => {
    const [fault] = faultsIn('lamp', '{\n  "source": "lamp",\n  "fields": {,}\n}');
    expect(fault?.place).toBe('contracts/sources/lamp.json:3');
    expect(fault?.message).toContain('No JSON');
  });

  it('names the line of what the schema does not know', () => {
    const text = JSON.stringify(
      { source: 'lamp', description: 'd', recognise: { all: ['a'] }, identity: 'review_id', fields: { rating: 5 } },
      null,
      2,
    );
    const line = text.split('\n').findIndex((each) => each.includes('"rating"')) + 1;
    expect(faultsIn('lamp', text)).toEqual([
      { place: `contracts/sources/lamp.json:${line}`, message: expect.stringContaining('fields.rating') },
    ]);
  });

  it('names the line of what the jobs do not take', () => {
    const text = '{\n  "fields": {\n    "colour": ["colour"]\n  }\n}';
    const said = "contracts/sources/lamp.json: fields: 'colour' is not known";
    expect(faultOfContent('lamp', said, text).place).toBe('contracts/sources/lamp.json:3');
  });
});

describe('contract new', () => {
  it('begins with the names that other producers use, and says which it did not find', () => {
    const { contract, missing } = beginning('lamp', { record: LAMP, form: {} });
    expect(contract).toMatchObject({ source: 'lamp', fields: { product_id: ['product_id'], rating: ['rating'] } });
    expect(missing).toEqual(['review_id']);
    expect(faultsIn('lamp', JSON.stringify(contract))).toEqual([]);
  });

  it('reads the first record of lines, of arrays and of CSV, and nothing else', () => {
    expect(firstRecord(file(`${JSON.stringify(LAMP)}\n{"torn`)).record).toEqual(LAMP);
    expect(firstRecord(file(JSON.stringify([LAMP, {}]))).record).toEqual(LAMP);
    expect(() => firstRecord(file('neither'))).toThrow('neither JSON Lines nor an array');
  });

  it('says in the contract how the cells of CSV are separated', () => {
    const first = firstRecord(file('\ufeffid;stars;text\n1;4;"a;\nb"\n2;3\n'));
    expect(first.record).toEqual({ id: '1', stars: '4', text: 'a;\nb' });
    const { contract } = beginning('lamp', first);
    expect(contract).toMatchObject({ format: 'csv', csv: { delimiter: ';' } });
    expect(faultsIn('lamp', JSON.stringify(contract))).toEqual([]);
  });

  it('writes a contract that the jobs read at once, and its fixture, into the checkout that it is given', async () => {
    const root = checkout();
    const path = file(`${JSON.stringify({ ...LAMP, review_id: 'l1' })}\n`);
    const answer = JSON.parse(await newContract('lamp', path, { root, json: true }));
    const [contract, fixture] = [join(root, 'contracts/sources/lamp.json'), join(root, 'test/glue/sources/lamp.json')];
    expect(answer).toEqual({ contract, fixture, missing: [], next: `contract preview lamp ${path}` });
    expect(JSON.parse(readFileSync(contract, 'utf8'))).toMatchObject({ source: 'lamp', identity: 'review_id' });
    expect(JSON.parse(readFileSync(fixture, 'utf8'))).toMatchObject({
      record: { reviewNo: 7 },
      expected: { reviews: [expect.objectContaining({ review_id: 'l1' })] },
    });
    expect(existsSync(join(ROOT, 'contracts/sources/lamp.json'))).toBe(false);
  });

  it('writes no fixture where a name is missing, and says which', async () => {
    const root = checkout();
    const text = await newContract('lamp', file(JSON.stringify(LAMP)), { root });
    expect(text).toContain('Written: contracts/sources/lamp.json\nNo usual name was found for review_id');
    expect(existsSync(join(root, 'test/glue/sources/lamp.json'))).toBe(false);
  });

  it('never writes over a contract that is there', async () => {
    await expect(newContract('native', file(JSON.stringify(LAMP)))).rejects.toThrow('is there already');
  });
});
