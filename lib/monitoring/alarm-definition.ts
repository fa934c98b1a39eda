import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** An alarm: what is measured, over five minutes unless the metric says otherwise, and the value at which somebody must act. */
export interface AlarmDefinition {
  readonly metric: IMetric;
  readonly threshold: number;
  /**
   * Whether it is about what should be there: then a value below the threshold alarms, in all of so many periods one after the other,
   * and so does no value. @default - a value at the threshold or above alarms, at once
   */
  readonly expectedWithinPeriods?: number;
  /** Whether no value leaves it as it is: what was counted last holds until it is counted again. @default false */
  readonly holdsBetweenValues?: boolean;
  /** What it means and what to do. */
  readonly description: string;
  /** Whether it calls somebody; one that does not is on the dashboard only. @default true */
  readonly calls?: boolean;
}

/** A command of the operator's tool as a description names it; the reader puts the environment's name in the place of NAME. */
export const operatorCommand = (command: string): string => `npm run reviews -- --env NAME ${command}`;
