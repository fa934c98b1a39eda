import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Shape, scanValue } from '../../../lib/functions/register-files/value-scanner';

/** The shape of a parsed value, as the scanner should see it. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
  }
  return 'scalar';
}

function plain(shape: Shape | undefined): unknown {
  if (shape === undefined || shape === 'scalar') return shape;
  return shape.kind === 'array'
    ? shape.elements.map(plain)
    : [...shape.members].map(([key, member]) => [key, plain(member)]);
}

const small = fc.jsonValue({ maxDepth: 4 }).filter((value) => JSON.stringify(value).length < 2_000);

describe('scanning a value', () => {
  it('sees the same shape as a JSON parser does, whatever the white space', () => {
    fc.assert(
      fc.property(small, fc.constantFrom('', ' ', '\t', '\n', '\r\n  '), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const scan = scanValue(text);
        // At the top a number has no end that can be seen, and an array shows its first 20 elements only.
        fc.pre(typeof value === 'object' && value !== null && !/(?:[^,]*,){20}/.test(text));
        expect(plain(scan.shape)).toEqual(shapeOf(JSON.parse(text)));
        expect(scan).toMatchObject({ state: 'complete', end: text.length });
      }),
    );
  });

  it('calls a value that ends too early cut, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), small),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (value, share) => {
          const text = JSON.stringify(value);
          const cut = text.slice(0, Math.floor(share * text.length));
          expect(scanValue(cut)).toMatchObject({ state: 'cut' });
        },
      ),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\'\\ \nua1-N\u0000\u00e9') }), (text) => {
        expect(['complete', 'cut', 'broken']).toContain(scanValue(text).state);
      }),
    );
  });

  it('reads a Python dict, and says so', () => {
    const scan = scanValue(`{'review/overall': 4.5, u'name': None, 'text': "it's", 'k\\'ey': True}`);
    expect(scan).toMatchObject({ state: 'complete', singleQuotedKeys: true });
    expect(plain(scan.shape)).toEqual([
      ['review/overall', 'scalar'],
      ['name', 'scalar'],
      ['text', 'scalar'],
      ["k'ey", 'scalar'],
    ]);
  });

  it.each([
    ['a line break in a string', '{"a": "b\n{"c": 1}'],
    ['a second object where a comma should be', '{"a": 1 {"b": 2}'],
    ['a bracket that closes nothing', '{"a": 1]'],
    ['a comma before the end', '{"a": 1,}'],
    ['words without quotes', '{hello world}'],
  ])('calls %s broken', (_, text) => {
    expect(scanValue(text).state).toBe('broken');
  });

  it('tells an object over several lines from one with a long line', () => {
    expect(scanValue('{"a":\n1}').spansLines).toBe(true);
    expect(scanValue('{"a": 1}\n\n').spansLines).toBe(false);
  });

  it('copes with a million nested brackets', () => {
    expect(scanValue('['.repeat(1_000_000)).state).toBe('cut');
  });

  it('keeps hostile keys as keys', () => {
    expect(plain(scanValue('{"__proto__": 1, "a\\u0062": 2}').shape)).toEqual([
      ['__proto__', 'scalar'],
      ['ab', 'scalar'],
    ]);
  });
});
