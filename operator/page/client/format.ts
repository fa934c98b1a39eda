const numbers = new Intl.NumberFormat('en-GB');
const shares = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });
const ratings = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const count = (figure: number): string => numbers.format(figure);
export const share = (part: number, whole: number): string => (whole === 0 ? '–' : shares.format(part / whole));
export const rating = (figure: number | null): string => (figure === null ? '–' : ratings.format(figure));

/** A time in UTC, as the logs have it: `2026-11-26 11:02:57`. */
export const utc = (time: string): string => time.slice(0, 19).replace('T', ' ');

/** A duration in readable form: `6.9 s`, `4 min 3 s`. */
export function span(from: string, to: string | null): string {
  const seconds = Math.max(0, (Date.parse(to ?? new Date().toISOString()) - Date.parse(from)) / 1000);
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** A key without the prefix that all keys share. */
export const shortKey = (key: string): string => key.replace(/^reviews\//, '');
