/** Figures of the records of some files: `read = published + duplicates + deleted + rejected`. */
export interface Records {
  readonly read: number;
  readonly published: number;
  readonly duplicates: number;
  /** Records that say which review was deleted. */
  readonly deleted: number;
  readonly rejected: number;
}

/** How the figures add up, in words; deletions only if there are some. */
export function accounts(
  { read, published, duplicates, deleted, rejected }: Records,
  count: (figure: number) => string = String,
): string {
  const deletions = deleted > 0 ? ` + ${count(deleted)} deleted` : '';
  return `${count(read)} read = ${count(published)} published + ${count(duplicates)} duplicates${deletions} + ${count(rejected)} rejected`;
}

/** What a source sent on one day (UTC). */
export interface QualityOfDay extends Records {
  readonly day: string;
  readonly files: number;
}
