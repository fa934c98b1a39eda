import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { QueryLanguage, TaskInput, type Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { NOTIFICATION_ERRORS } from './transient-errors';

export interface AlertTaskProps {
  readonly topic: ITopic;
  readonly comment: string;
  /** Where the state finds the alert (failure-alert.ts), a JSONata expression. */
  readonly alert: string;
  /** Output of the state; JSONata. @default - the answer of SNS */
  readonly outputs?: string;
  readonly taskTimeout: Timeout;
}

/** Sends an alert, as it was worded, to the people on call. */
export class AlertTask extends SnsPublish {
  constructor(scope: Construct, id: string, props: AlertTaskProps) {
    super(scope, id, {
      queryLanguage: QueryLanguage.JSONATA,
      comment: props.comment,
      topic: props.topic,
      subject: `{% ${props.alert}.subject %}`,
      message: TaskInput.fromText(`{% ${props.alert}.message %}`),
      ...(props.outputs && { outputs: props.outputs }),
      taskTimeout: props.taskTimeout,
    });
    this.addRetry(NOTIFICATION_ERRORS);
  }
}
