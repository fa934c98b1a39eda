import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { loadSettings } from '../../lib/config/settings';
import { type ConnectorContract, connectors } from '../../lib/contracts/connectors';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import type { Deployed, LocalConnectors, Platform } from '../platform/platform';
import type { LocalSources } from '../platform/sources';
import type { DroppedFile } from './drop';

/** How often a run is asked whether it has ended (milliseconds). */
const POLL_MS = 200;

const Outcome = z.object({ received: z.number(), stored: z.number(), objects: z.number(), calls: z.number() });

/** What a run of a connector has done. */
export type ConnectorOutcome = z.infer<typeof Outcome>;

/** The connectors whose sources this machine has. */
export const localConnectors = ({ apis, shop }: LocalSources): readonly ConnectorContract[] =>
  loadSettings('local-with-connectors')
    .connectors.flatMap((name) => connectors.get(name) ?? [])
    .filter(({ kind }) => (kind === 'sql' ? shop : apis) !== undefined);

/**
 * Runs a connector once, as its schedule does.
 *
 * @throws Error with the words of the run that failed
 */
export async function runConnector(
  { aws }: Deployed,
  { stateMachines }: LocalConnectors,
  name: string,
): Promise<ConnectorOutcome> {
  const started = { stateMachineArn: `${stateMachines}${name}`, input: '{}' };
  const { executionArn } = await aws.sfn.send(new StartExecutionCommand(started));
  for (;;) {
    const { status, output, error, cause } = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return Outcome.parse(JSON.parse(output ?? ''));
    if (status !== 'RUNNING') throw new Error(`Connector ${name} ended as ${status}: ${error}: ${cause}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** The objects that a connector has stored so far. */
export async function objectsOf({ aws, outputs }: Deployed, contract: ConnectorContract): Promise<DroppedFile[]> {
  const Prefix = `${REVIEWS_PREFIX}${contract.source}/${contract.connector}/`;
  const listed = await aws.s3.send(new ListObjectVersionsCommand({ Bucket: outputs.RawBucketName, Prefix }));
  return (listed.Versions ?? []).map(({ Key = '', VersionId = '', LastModified }) => ({
    path: Key,
    key: Key,
    name: Key.slice(REVIEWS_PREFIX.length),
    versionId: VersionId,
    droppedAt: LastModified?.getTime() ?? Date.now(),
  }));
}

/** Runs every connector once; returns the objects that they stored. `onOutcome` is told what each has done. */
export async function fetchBy(
  platform: Platform,
  local: LocalConnectors,
  onOutcome: (line: string) => void,
): Promise<DroppedFile[]> {
  const fetched = localConnectors(local.sources).map(async (contract) => {
    const { stored, objects, calls } = await runConnector(platform, local, contract.connector);
    onOutcome(`Connector ${contract.connector}: records ${stored}, objects ${objects}, calls ${calls}`);
    return objectsOf(platform, contract);
  });
  return (await Promise.all(fetched)).flat();
}
