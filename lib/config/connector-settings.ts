import { z } from 'zod';
import { connectors } from '../contracts/connectors';
import { securityGroupId, subnetId } from './network-ids';

const connector = z.string().refine((name) => connectors.has(name), {
  error: `expected a name of contracts/connectors: ${[...connectors.keys()].join(', ')}`,
});

/** Names of the connectors that an environment has. */
export const connectorNames = z
  .array(connector)
  .refine((names) => new Set(names).size === names.length, { error: 'expected each name once' })
  .default([])
  .describe('Connectors that fetch reviews on a schedule, names of contracts/connectors. By default there are none.');

const network = z.strictObject({
  subnetIds: z
    .array(subnetId)
    .min(1)
    .describe(
      'Private subnets from which the source, S3, DynamoDB and Secrets Manager can be reached. Best two, in different zones.',
    ),
  securityGroupIds: z
    .array(securityGroupId)
    .min(1)
    .max(5)
    .describe('Security groups of the function, which the source lets in.'),
});

/** Where connectors run that must reach what is inside a VPC, by their names. */
export const connectorNetworks = z
  .record(z.string(), network)
  .default({})
  .describe(
    'Subnets and security groups of connectors whose source is private, by the name of the connector. By default a connector runs outside of any VPC.',
  );

export type ConnectorNetwork = z.output<typeof network>;
