import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition } from '../../operator/metrics-text';

describe("figures in Prometheus' text form", () => {
  it('have help, type and a line for each sample; a metric without samples is left out', () => {
    const text = exposition([
      { name: 'reviews_files', help: 'Files.', samples: [{ labels: { source: 'yelp' }, value: 3 }, { value: 0 }] },
      { name: 'reviews_bytes', help: 'Bytes.', samples: [] },
    ]);
    expect(text).toBe(
      '# HELP reviews_files Files.\n# TYPE reviews_files gauge\nreviews_files{source="yelp"} 3\nreviews_files 0\n',
    );
  });

  it('keep any label on its line, and give it back', () => {
    fc.assert(
      fc.property(fc.string(), (label) => {
        const text = exposition([{ name: 'a', help: 'A.', samples: [{ labels: { label }, value: 1 }] }]);
        const [, , line = ''] = text.split('\n');
        const quoted = /^a\{label="((?:[^"\\\n]|\\["\\n])*)"\} 1$/.exec(line)?.[1];
        expect(quoted?.replaceAll(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign))).toBe(label);
      }),
    );
  });
});
