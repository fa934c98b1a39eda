// How Snowflake's statements are read by the catalogue in memory.

/** Text of a quoted name: `"A"."B"` → `A.B`. */
export const nameOf = (quoted: string | undefined): string => (quoted ?? '').replaceAll('"', '');
/** Value of a literal. */
export const textOf = (quoted = "''"): string => quoted.slice(1, -1).replaceAll("''", "'").replace(/\\(.)/g, '$1');
export const parentOf = (name: string): string => name.slice(0, name.lastIndexOf('.'));

/** `KEY = value` pairs. */
export function optionsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+) = ('(?:[^'\\]|''|\\.)*'|"[^"]*"|\([^)]*\)|\w+)/g);
  return Object.fromEntries([...pairs].map(([, key, value]) => [key, value ?? '']));
}
