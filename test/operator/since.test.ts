import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSince } from '../../operator/since';

describe('a point in time on the command line', () => {
  it('is a span before now', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom(['m', 60], ['h', 3600], ['d', 86_400]),
        (amount, [unit, seconds]) => {
          const before = Date.now() - Number(readSince(`${amount}${unit}`));
          expect(before / 1000).toBeGreaterThanOrEqual(amount * Number(seconds) - 1);
          expect(before / 1000).toBeLessThan(amount * Number(seconds) + 60);
        },
      ),
    );
  });

  it('is a time in UTC, unless it has a zone', () => {
    expect(readSince('2026-11-26')).toEqual(new Date('2026-11-26T00:00:00Z'));
    expect(readSince('2026-11-26T05:00')).toEqual(new Date('2026-11-26T05:00:00Z'));
    expect(readSince('2026-11-26T05:00+02:00')).toEqual(new Date('2026-11-26T03:00:00Z'));
  });

  it.each(['', 'yesterday', '24', 'h24', '5 lightyears', '2026-13-01'])('is not %j', (text) => {
    expect(() => readSince(text)).toThrow('Give a span');
  });
});
