/** Figures of the records of some files: `read = published + duplicates + rejected`. */
export interface Records {
  readonly read: number;
  readonly published: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** What a source has sent on one day (UTC). */
export interface QualityOfDay extends Records {
  readonly day: string;
  readonly files: number;
}
