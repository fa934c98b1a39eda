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
export const localConnectors = (sources: LocalSources): readonly ConnectorContract[] =>
  loadSettings('local-with-connectors')
    .connectors.flatMap((name) => connectors.get(name) ?? [])
    .filter((contract) => sourceOf(contract, sources) !== undefined);

/** What a connector asks. */
function sourceOf(contract: ConnectorContract, { apis, databases, ...objects }: LocalSources): object | undefined {
  if (contract.kind === 'objects') return objects[contract.service];
  const isApi = contract.kind === 'rest' || contract.kind === 'graphql';
  return isApi ? apis : databases.get(contract.connector);
}

/**
 * Runs a connector once, as its schedule does.
 *
 * @throws Error with the words of the run that failed
 */
export async function runConnector(
  platform: Deployed,
  { stateMachines }: LocalConnectors,
  name: string,
): Promise<ConnectorOutcome> {
  return Outcome.parse(await untilSucceeded(platform, `${stateMachines}${name}`, `Connector ${name}`));
}

/**
 * Runs a state machine once, as its schedule does; returns its output.
 *
 * @param what what it is, in the error
 * @throws Error with the words of the run that failed
 */
export async function untilSucceeded({ aws }: Deployed, stateMachineArn: string, what: string): Promise<unknown> {
  const { executionArn } = await aws.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  for (;;) {
    const { status, output, error, cause } = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return JSON.parse(output ?? '');
    if (status !== 'RUNNING') throw new Error(`${what} ended as ${status}: ${error}: ${cause}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** The objects that a connector has stored so far. */
export const objectsOf = (platform: Deployed, { source, connector }: ConnectorContract): Promise<DroppedFile[]> =>
  objectsBelow(platform, `${REVIEWS_PREFIX}${source}/${connector}/`);

/** The object versions below a prefix of the raw bucket. */
export async function objectsBelow({ aws, outputs }: Deployed, Prefix: string): Promise<DroppedFile[]> {
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
    const records = contract.kind === 'objects' ? '' : `records ${stored}, `;
    onOutcome(`Connector ${contract.connector}: ${records}objects ${objects}, calls ${calls}`);
    return objectsOf(platform, contract);
  });
  return (await Promise.all(fetched)).flat();
}
