/** What the page's server answers, as JSON: times are texts in ISO 8601. The page and the server agree on nothing else. */

import type { QualityOfDay, Records } from '../records';

/** One stage of the flow, from the raw bucket to the presentation tables. */
export interface Stage {
  readonly name: string;
  /** The service behind it: "S3", "Glue job 1". */
  readonly by: string;
  /** Its main figure; null if it is not known. */
  readonly figure: number | null;
  /** What the figure counts. */
  readonly unit: string;
  /** A second fact, or the reason why there is no figure. */
  readonly note: string;
  /** Whether it is working now. */
  readonly atWork: boolean;
  /** Whether somebody should look at it. */
  readonly troubled: boolean;
}

export interface Overview {
  readonly environment: string;
  readonly region: string;
  readonly at: string;
  readonly since: string;
  readonly stages: readonly Stage[];
  readonly records: Records;
  /** Files by status; a status without files is left out. */
  readonly files: Readonly<Record<string, number>>;
  /** Why the warehouse cannot be queried; null if it can. */
  readonly withoutWarehouse: string | null;
  readonly queues: readonly { readonly queue: string; readonly messages: number }[];
}

export interface ExecutionRow {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly state: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly files: number;
  readonly sources: readonly string[];
  /** Link to the console of Step Functions; null on one machine. */
  readonly console: string | null;
}

export interface StateTimes {
  readonly name: string;
  readonly enteredAt: string;
  readonly leftAt: string | null;
}

export interface FileRow extends Records {
  readonly key: string;
  readonly versionId: string;
  readonly source: string | null;
  readonly status: string;
  readonly bytes: number | null;
  readonly arrivedAt: string;
  readonly updatedAt: string;
  /** Why it is in its state; null if the state needs no reason. */
  readonly reason: string | null;
}

/** One version of a file, with all that happened to it. */
export interface FileLife extends FileRow {
  readonly batch: string;
  readonly attempt: number;
  readonly executionArn: string;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly states: readonly { readonly status: string; readonly at: string; readonly reason: string | null }[];
  readonly rejectedRecords: readonly {
    readonly record: number;
    readonly bytes: number;
    readonly reasons: readonly string[];
  }[];
}

export interface SourceQuality extends Records {
  readonly source: string;
  readonly files: number;
  readonly days: readonly QualityOfDay[];
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

export interface Presentation {
  readonly products: readonly {
    readonly product: string;
    readonly source: string;
    readonly reviews: number;
    readonly averageRating: number | null;
  }[];
  /** Average rating of the reviews written in a month. */
  readonly ratingTrend: readonly { readonly month: string; readonly averageRating: number; readonly reviews: number }[];
  /** Reviews written on a day, for the newest days with reviews. */
  readonly volume: readonly { readonly day: string; readonly reviews: number }[];
}

/** Sent instead of an answer that cannot be given. */
export interface Refusal {
  /** One sentence that says what failed and what to do. */
  readonly error: string;
}
