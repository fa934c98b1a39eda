import type * as z from 'zod';
import {
  databaseProperties,
  integrationProperties,
  notificationProperties,
  refreshProperties,
} from '../../../contracts/provisioning-properties';
import { warehouseNames } from '../../../contracts/warehouse-names';
import type { Progress } from '../../snowflake/progress';
import type { Session } from '../../snowflake/session';
import { provideNotification, withdrawNotification } from './bucket-notification';
import { provideDatabase, withdrawDatabase } from './database';
import { refreshExternalTables } from './external-tables';
import { provideIntegration, withdrawIntegration } from './storage-integration';

/** Attributes of a resource, for Fn::GetAtt. */
export type Attributes = Readonly<Record<string, string>>;

/** What a kind of resource works with. */
export interface Tools {
  readonly progress: Progress;
  /** Logs in at the first call, and hands the same session out at every other. */
  session(): Promise<Session>;
}

/** A kind of custom resource. */
export interface ResourceKind<Schema extends z.ZodType = z.ZodType> {
  readonly properties: Schema;
  /** Names of its attributes; the stack has an output of that name for each. */
  readonly attributes: readonly string[];
  /**
   * Identity of a resource: its names. Where an update changes it, CloudFormation takes the new one for a replacement and has the old
   * one deleted when all else has succeeded.
   */
  identify(properties: z.output<Schema>): string;
  /** Makes the resource or brings it to its properties; repeated, it changes nothing more. */
  provide(properties: z.output<Schema>, tools: Tools): Promise<Attributes>;
  /** Takes the resource away, as far as it is there. */
  withdraw(properties: z.output<Schema>, tools: Tools): Promise<void>;
}

function kind<Schema extends z.ZodType>(definition: ResourceKind<Schema>): ResourceKind {
  return definition as unknown as ResourceKind;
}

/** Kinds of resources by CloudFormation's type. */
export const RESOURCE_KINDS = {
  'Custom::SnowflakeStorageIntegration': kind({
    properties: integrationProperties,
    attributes: ['IamUserArn', 'ExternalId'],
    identify: ({ Name }) => `integration ${Name}`,
    provide: async (properties, { session }) => ({ ...(await provideIntegration(await session(), properties)) }),
    withdraw: async (properties, { session }) => withdrawIntegration(await session(), properties),
  }),
  'Custom::SnowflakeDatabase': kind({
    properties: databaseProperties,
    attributes: ['NotificationChannel'],
    identify: ({ Database }) => `database ${Database}`,
    provide: async (properties, { session }) => ({
      NotificationChannel: await provideDatabase(await session(), properties),
    }),
    withdraw: async (properties, { session }) => withdrawDatabase(await session(), properties),
  }),
  'Custom::PublishedTablesNotification': kind({
    properties: notificationProperties,
    attributes: [],
    identify: ({ Bucket, Entry }) => `notification ${Entry} of ${Bucket}`,
    provide: async (properties, { progress }) => {
      await provideNotification(properties, progress);
      return {};
    },
    withdraw: (properties, { progress }) => withdrawNotification(properties, progress),
  }),
  'Custom::ExternalTableRefresh': kind({
    properties: refreshProperties,
    attributes: [],
    identify: ({ Database }) => `refresh of ${Database}`,
    provide: async ({ Database, Tables }, { session }) => {
      await refreshExternalTables(await session(), { names: warehouseNames(Database) }, Tables);
      return {};
    },
    // A refresh cannot be undone.
    withdraw: async () => {},
  }),
} as const;

/** CloudFormation's type of a custom resource. */
export type ResourceType = keyof typeof RESOURCE_KINDS;
