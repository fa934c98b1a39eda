import { writeFileSync } from 'node:fs';
import Table from 'cli-table3';

/** Something measured, and the aim where there is one. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 's' | 'MiB';
  /** At most this. */
  readonly aim?: number;
}

/** The figures as a table for people; on a busy machine times double, so that aims are reported and not enforced. */
export function describeFigures(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['', 'measured', 'aim', ''],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [] },
  });
  for (const { what, value, unit, aim } of figures) {
    const verdict = aim === undefined ? '' : value <= aim ? 'met' : 'missed';
    const digits = unit === 's' ? 1 : 0;
    table.push([what, `${value.toFixed(digits)} ${unit}`, aim === undefined ? '' : `≤ ${aim} ${unit}`, verdict]);
  }
  return table.toString();
}

/** Writes the figures, and what belongs to them, as JSON. */
export function writeFigures(file: string, figures: readonly Figure[], more: Readonly<Record<string, unknown>> = {}) {
  writeFileSync(file, `${JSON.stringify({ figures, ...more }, null, 2)}\n`);
}
