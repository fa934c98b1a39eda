import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { PipelineLogGroup } from '../kit/log-group';

/**
 * Sends every event of every log group of the pipeline to a destination too, as it comes.
 * "Real-time processing of log data with subscriptions", Amazon CloudWatch Logs User Guide.
 *
 * @param scope whatever is below it
 */
export function shipLogs(scope: IConstruct, destinationArn: string): void {
  for (const group of scope.node.findAll().filter((construct) => construct instanceof PipelineLogGroup)) {
    new CfnSubscriptionFilter(group, 'Shipping', {
      logGroupName: group.logGroupName,
      destinationArn,
      // All events.
      filterPattern: '',
    });
  }
}
