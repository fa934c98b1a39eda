import { awsEnvironment } from '../platform/aws-clients';
import type { Platform } from '../platform/platform';
import { type IntakeExecution, intakeExecutions } from './executions';

const POLL_MS = 1000;

function line({ name, status, startedAt, endedAt }: IntakeExecution): string {
  const seconds = endedAt ? `${((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s` : '';
  return `${startedAt.toISOString()}  ${status.padEnd(9)}  ${name}  ${seconds}`;
}

function airflowLine({ airflow }: Platform): string[] {
  if (!airflow) return [];
  const { endpoint, user, password } = airflow.address;
  return [`\nAirflow: ${endpoint}, user ${user}, password ${password}`];
}

function explain(platform: Platform): string {
  const { endpoint, outputs } = platform;
  const environment = Object.entries(awsEnvironment(endpoint)).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `\nThe platform stays up at ${endpoint}. Ctrl-C stops it.`,
    ...airflowLine(platform),
    '\nDrop more files from another terminal:\n  npm run local -- drop [--source NAME] PATH...',
    `\nOr with any AWS client:\n${environment.join('\n')}\n  aws s3 cp FILE s3://${outputs.RawBucketName}/reviews/\n  aws stepfunctions list-executions --state-machine-arn ${outputs.ReviewIntakeStateMachineArn}`,
    '\nExecutions:',
  ].join('\n');
}

/** Shows a kept run's executions as they start and end; runs until the process is told to end. */
export async function watch(platform: Platform): Promise<never> {
  console.log(explain(platform));
  const seen = new Map<string, string>();
  for (;;) {
    for (const execution of await intakeExecutions(platform)) {
      const { arn, status } = execution;
      if (seen.get(arn) === status) continue;
      seen.set(arn, status);
      console.log(line(execution));
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
