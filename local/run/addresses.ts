import { awsEnvironment } from '../platform/aws-clients';
import { NAMES, type SnowflakeLogin } from '../platform/snowflake-account';
import type { Kept } from './kept';

/** What a person needs to reach a kept run. */
export type Reachable = Pick<Kept, 'endpoint' | 'outputs' | 'page'> & {
  readonly warehouse: Kept['warehouse'] & { readonly reporter?: SnowflakeLogin };
  readonly airflow?: Pick<NonNullable<Kept['airflow']>, 'address'>;
};

/** The addresses of a kept run, with the logins that they take. */
export function addresses({ endpoint, page, warehouse, airflow }: Reachable): string {
  const login = airflow && `, user ${airflow.address.user}, password ${airflow.address.password}`;
  const lines = [
    ['Page', page],
    ['Metrics', new URL('/metrics', page).href],
    ['AWS', endpoint],
    ['Snowflake', warehouse.accessUrl],
    ...(airflow ? [['Airflow', `${airflow.address.endpoint}${login}`]] : []),
  ];
  return lines.map(([name = '', address]) => `  ${name.padEnd(10)} ${address}`).join('\n');
}

/** How other programs log in to the local Snowflake: as a user who reads the presentation tables and nothing else. */
export function snowflakeSnippet({ warehouse: { accessUrl, reporter } }: Pick<Reachable, 'warehouse'>): string {
  if (!reporter) return '';
  const { hostname, port } = new URL(accessUrl);
  const { account, user, privateKeyFile } = reporter;
  return `Python (pip install snowflake-connector-python):
  import snowflake.connector
  connection = snowflake.connector.connect(
      account="${account}", user="${user}", private_key_file="${privateKeyFile}",
      host="${hostname}", port=${port}, protocol="http",
      role="${NAMES.reporter}", warehouse="${NAMES.warehouse}", database="${NAMES.database}", schema="PRESENTATION")
  print(connection.cursor().execute("select * from product_summary limit 5").fetchall())

DBeaver (driver Snowflake, authentication "Key pair"):
  jdbc:snowflake://${hostname}:${port}/?ssl=off&account=${account}&user=${user}&private_key_file=${privateKeyFile}&role=${NAMES.reporter}&warehouse=${NAMES.warehouse}&db=${NAMES.database}&schema=PRESENTATION`;
}

/** Sample queries. */
export const SAMPLE_QUERIES = [
  'select product_title, review_count, average_rating from product_summary order by review_count desc limit 5',
  'select source_name, records_read, records_published, rejected_share from source_quality_daily',
  'select object_key, status, records_rejected from file_audit order by records_rejected desc limit 5',
] as const;

/** Everything that can be done with a kept run, as it is printed when it stays up. */
export function explanation(run: Reachable): string {
  const environment = Object.entries(awsEnvironment(run.endpoint)).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `The platform stays up. Ctrl-C stops it, or from another terminal: npm run local -- stop\n\n${addresses(run)}`,
    `From another terminal:
  npm run local -- drop [--source NAME] PATH...      more files
  npm run local -- status                            how it fares
  npm run reviews -- files                           the ledger; also: rejects, why, replay`,
    `Queries, with npm run local -- sql "…":\n${SAMPLE_QUERIES.map((query) => `  ${query}`).join('\n')}`,
    snowflakeSnippet(run),
    `Any AWS client:
${environment.join('\n')}
  aws s3 cp FILE s3://${run.outputs.RawBucketName}/reviews/
  aws stepfunctions list-executions --state-machine-arn ${run.outputs.ReviewIntakeStateMachineArn}`,
  ].join('\n\n');
}
