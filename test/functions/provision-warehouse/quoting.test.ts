import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifier, literal, sql, wholeNumber } from '../../../lib/functions/snowflake/sql/quoting';

/** Token of SQL by Snowflake's rules: a quoted identifier, a string, or anything else that is no quote. */
interface Token {
  readonly kind: 'identifier' | 'string' | 'other';
  readonly value: string;
}

/** Reads SQL as Snowflake does; a quote that is never closed is an error. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const mark = text[at];
    if (mark !== '"' && mark !== "'") {
      found.push({ kind: 'other', value: text[at] ?? '' });
      at += 1;
      continue;
    }
    let value = '';
    for (at += 1; ; at += 1) {
      if (at >= text.length) throw new Error('unclosed');
      if (mark === "'" && text[at] === '\\') {
        at += 1;
        value += text[at];
      } else if (text[at] !== mark) value += text[at];
      else if (text[at + 1] === mark) {
        at += 1;
        value += mark;
      } else break;
    }
    at += 1;
    found.push({ kind: mark === '"' ? 'identifier' : 'string', value });
  }
  return found;
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('"', "'", '\\', ';', '-', '/', '*', '$', '\n', ' ', '.', 'x'),
    minLength: 1,
    maxLength: 60,
  }),
  fc.constantFrom(
    '"; DROP DATABASE REVIEWS; --',
    "'; DROP ROLE X; --",
    "\\'; SELECT 1 --",
    '$$',
    '" OR ""="',
    '\\',
    '\\\\',
    "''",
  ),
);
const names = hostile.filter((name) => !name.includes('\0'));

describe('quoting of values in SQL', () => {
  it('makes of any name one identifier, and of any text one string, with exactly that value', () => {
    fc.assert(
      fc.property(names, hostile, (name, text) => {
        expect(tokens(identifier(name).text)).toEqual([{ kind: 'identifier', value: name }]);
        expect(tokens(literal(text).text)).toEqual([{ kind: 'string', value: text }]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps values apart in a statement, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 1, maxLength: 3 }),
        hostile,
        fc.array(hostile),
        (parts, comment, list) => {
          const { text, literals } =
            sql`ALTER ${identifier(...parts)} SET COMMENT = ${literal(comment)} (${list.map(literal)})`;
          const quotedTokens = tokens(text).filter(({ kind }) => kind !== 'other');
          expect(quotedTokens).toEqual([
            ...parts.map((value) => ({ kind: 'identifier', value })),
            ...[comment, ...list].map((value) => ({ kind: 'string', value })),
          ]);
          expect(literals).toEqual([comment, ...list]);
        },
      ),
    );
  });

  it.each(['', 'a\0b', 'x'.repeat(256)])('refuses the name %j, which Snowflake does not accept', (name) => {
    expect(() => identifier(name)).toThrow(/^No name for Snowflake: .* expected 1 to 255, none of them NUL\.$/);
  });

  it.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])('refuses the number %j', (value) => {
    expect(() => wholeNumber(value)).toThrow('Not a whole number');
  });
});
