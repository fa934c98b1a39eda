import { type ExecutionListItem, paginateListExecutions } from '@aws-sdk/client-sfn';
import { awsEnvironment } from '../platform/aws-clients';
import type { Platform } from '../platform/platform';

const POLL_MS = 1000;

async function executions({ aws, outputs }: Platform): Promise<ExecutionListItem[]> {
  const all: ExecutionListItem[] = [];
  const pages = paginateListExecutions({ client: aws.sfn }, { stateMachineArn: outputs.ReviewIntakeStateMachineArn });
  for await (const page of pages) all.push(...(page.executions ?? []));
  return all.sort((a, b) => Number(a.startDate) - Number(b.startDate));
}

function line({ name, status, startDate, stopDate }: ExecutionListItem): string {
  const seconds = startDate && stopDate ? `${((stopDate.getTime() - startDate.getTime()) / 1000).toFixed(1)} s` : '';
  return `${startDate?.toISOString() ?? ''}  ${(status ?? '').padEnd(9)}  ${name}  ${seconds}`;
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
    for (const execution of await executions(platform)) {
      const { executionArn = '', status = '' } = execution;
      if (seen.get(executionArn) === status) continue;
      seen.set(executionArn, status);
      console.log(line(execution));
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
