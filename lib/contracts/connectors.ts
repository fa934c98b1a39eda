import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Folder of the connectors' contracts, below the top of the repository and beside the function's code. */
export const CONNECTORS_FOLDER = 'contracts/connectors';

/** What TypeScript reads of a connector's contract; `contracts/connector.schema.json` defines the whole. */
const common = {
  connector: z.string().regex(/^[a-z][a-z0-9-]{0,23}$/),
  description: z.string(),
  source: z.string(),
  schedule: z.string().regex(/^rate\(\d+ (minute|hour|day)s?\)$/),
  authentication: z.looseObject({ secret: z.string() }).optional(),
};

const apiSchema = z
  .looseObject({
    ...common,
    kind: z.enum(['rest', 'graphql']),
    request: z.looseObject({ path: z.string(), query: z.array(z.string()).optional() }),
    pagination: z.looseObject({ type: z.string(), parameter: z.string().optional() }),
  })
  .refine(({ kind, request }) => (kind === 'graphql') === (request.query !== undefined), {
    path: ['request', 'query'],
    error: 'a connector of kind graphql has one, and no other',
  })
  .refine(({ kind, pagination }) => (kind === 'graphql') === (pagination.type === 'page-info'), {
    path: ['pagination', 'type'],
    error: 'page-info belongs to the kind graphql, and to no other',
  })
  .refine(
    ({ request, pagination: { type, parameter } }) =>
      request.path.includes('{page}') === (type === 'page' && parameter === undefined),
    {
      path: ['pagination', 'parameter'],
      error: 'the number of a page stands in a parameter, or in the path as {page}',
    },
  )
  .refine(({ request }) => /^(query\b|\{)/.test(request.query?.[0] ?? '{'), {
    path: ['request', 'query', 0],
    error: 'expected "query …" or "{": a connector changes nothing at its source',
  });

const databaseSchema = z.looseObject({ ...common, kind: z.enum(['sql', 'mongodb', 'cassandra']) });

const LOGINS: Readonly<Record<'azure' | 'gcs', readonly string[]>> = {
  azure: ['sas', 'service-principal'],
  gcs: ['service-account'],
};

const objectsSchema = z
  .looseObject({
    ...common,
    kind: z.literal('objects'),
    service: z.enum(['azure', 'gcs']),
    address: z.string().optional(),
    objects: z.looseObject({ container: z.string(), prefix: z.string().optional() }),
    authentication: z.looseObject({ secret: z.string(), type: z.string() }).optional(),
  })
  .refine(({ service, address }) => service === 'gcs' || address !== undefined, {
    path: ['address'],
    error: 'azure has one for each account: https://<account>.blob.core.windows.net',
  })
  .refine(({ service, authentication }) => !authentication || LOGINS[service].includes(authentication.type), {
    path: ['authentication', 'type'],
    error: 'sas and service-principal are logins of azure, service-account is one of gcs',
  });

const connectorSchema = z.discriminatedUnion('kind', [apiSchema, databaseSchema, objectsSchema]);

/** How the reviews of one service are fetched. */
export type ConnectorContract = z.infer<typeof connectorSchema>;

const folder = join(import.meta.dirname, '../..', CONNECTORS_FOLDER);

/**
 * A connector's contract, checked.
 *
 * @throws Error that names the file and the field
 */
export function readConnector(file: string, document: unknown): ConnectorContract {
  const { data, error } = connectorSchema.safeParse(document);
  if (data && file === `${data.connector}.json`) return data;
  const [issue] = error?.issues ?? [];
  const what = issue
    ? `${issue.path.join('.')}: ${issue.message}`
    : `connector: received "${data?.connector}", expected the name of the file`;
  throw new Error(`${CONNECTORS_FOLDER}/${file}: ${what}. contracts/connector.schema.json defines the form.`);
}

/** Every connector's contract by its name, checked. */
export const connectors: ReadonlyMap<string, ConnectorContract> = new Map(
  readdirSync(folder)
    .sort()
    .map((file) => readConnector(file, JSON.parse(readFileSync(join(folder, file), 'utf8'))))
    .map((contract) => [contract.connector, contract]),
);

const RUNS_PER_DAY = { minute: 1440, hour: 24, day: 1 } as const;

/** How often a connector runs in a day. */
export function runsPerDay({ schedule }: Pick<ConnectorContract, 'schedule'>): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  return RUNS_PER_DAY[unit as keyof typeof RUNS_PER_DAY] / Number(count);
}
