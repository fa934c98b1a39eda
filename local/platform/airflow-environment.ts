import { z } from 'zod';
import type { AwsClients } from './aws-clients';

const Answer = z.object({
  Environment: z.object({
    Name: z.string(),
    SourceBucketArn: z.string(),
    DagS3Path: z.string(),
    AirflowConfigurationOptions: z.record(z.string(), z.string()).default({}),
  }),
});

/** The fields of MWAA's GetEnvironment that this edition acts on. */
export type AirflowEnvironment = z.infer<typeof Answer>['Environment'];

/**
 * Reads a deployed environment from the local AWS.
 *
 * @throws Error with the answer, where there is no such environment
 */
export async function readEnvironment({ mwaa }: AwsClients, name: string): Promise<AirflowEnvironment> {
  const response = await mwaa(`/environments/${name}`);
  if (!response.ok) throw new Error(`MWAA environment ${name}: ${response.status} ${await response.text()}`);
  return Answer.parse(await response.json()).Environment;
}

/**
 * The environment's configuration options as MWAA hands them to Airflow: `section.key` becomes `AIRFLOW__SECTION__KEY`.
 *
 * "Using Apache Airflow configuration options on Amazon MWAA", Amazon MWAA User Guide.
 */
export function configurationVariables({ AirflowConfigurationOptions }: AirflowEnvironment): Record<string, string> {
  const variables = Object.entries(AirflowConfigurationOptions).map(([option, value]) => {
    const [section = '', ...key] = option.split('.');
    return [`AIRFLOW__${section}__${key.join('.')}`.toUpperCase(), value];
  });
  return Object.fromEntries(variables);
}
