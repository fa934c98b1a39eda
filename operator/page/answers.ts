/** What the page's server answers, as JSON: times are texts in ISO 8601. The page and the server agree on nothing else. */

import type { QualityOfDay, Records } from '../records';

/** One stage of the flow, from the raw bucket to the presentation tables. */
export interface Stage {
  readonly name: string;
  /** What it is made of: "S3", "Glue job 1". */
  readonly by: string;
  /** The figure that stands for it; null where it cannot be known. */
  readonly figure: number | null;
  /** What the figure counts. */
  readonly unit: string;
  /** One more fact, or why there is no figure. */
  readonly note: string;
  /** Something of it is at work now. */
  readonly atWork: boolean;
  /** Somebody should look at it. */
  readonly troubled: boolean;
}

export interface Overview {
  readonly environment: string;
  readonly region: string;
  readonly at: string;
  readonly since: string;
  readonly stages: readonly Stage[];
  readonly records: Records;
  /** Files by status, those that are there only. */
  readonly files: Readonly<Record<string, number>>;
  /** Why the warehouse cannot be asked; null where it can. */
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
  /** In the console of Step Functions; null on one machine. */
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
  /** Why it is in its state; null where that needs no reason. */
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
  /** Reviews written on a day, the newest days that have any. */
  readonly volume: readonly { readonly day: string; readonly reviews: number }[];
}

/** What stands in for an answer that cannot be given. */
export interface Refusal {
  /** One sentence, and what to do. */
  readonly error: string;
}
