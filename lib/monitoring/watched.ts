import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Settings } from '../config/schema';
import type { SourceContract } from '../contracts/sources';

/** What alarms and dashboard watch, by the names that a person knows it by. */
export interface Watched {
  /** Dimension `service` of the functions' metrics: first part of the environment's names. */
  readonly service: string;
  /** On which the jobs run. */
  readonly workerType: Settings['glue']['workerType'];
  readonly sources: readonly Pick<SourceContract, 'source' | 'expectations'>[];
  readonly stateMachine: IStateMachine;
  /** The daily compaction. @default - the environment has none */
  readonly compaction?: IStateMachine;
  /** Name of the rule that every new file passes. */
  readonly ruleName: string;
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  /** Files that wait for an execution. @default - every file starts one of its own at once */
  readonly receivedFiles?: IQueue;
  /** Announcements that wait for Airflow. @default - Airflow is not deployed */
  readonly announcements?: IQueue;
  /** Number of files that are on their way for too long. @default - nobody counts them */
  readonly lingeringFiles?: IMetric;
  /** Runs of each connector, and how often they are made in a day. */
  readonly connectors: Readonly<Record<string, { readonly stateMachine: IStateMachine; readonly runsPerDay: number }>>;
  /** Change capture. @default - the environment has none */
  readonly changeCapture?: {
    /** Of its instance and its task in DMS. */
    readonly replicationName: string;
    readonly keeper: IStateMachine;
    /** The database's instance in RDS. @default - it is elsewhere */
    readonly rdsInstance?: string | undefined;
  };
  /** Names of the streams. */
  readonly streams: readonly string[];
  /** Where dbt runs. @default - Airflow is not deployed */
  readonly dbt?: { readonly environmentName: string; readonly dagId: string };
}
