/**
 * Page of an execution in the Step Functions console.
 *
 * @param region AWS region of the execution
 * @param executionArn its ARN; the link ends with it
 */
export function executionConsoleLink(region: string, executionArn: string): string {
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
