import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

// Only transient errors are retried. `States.TaskFailed` is not among it: a job that failed on bad data or a bug fails
// again, at the price of another run. "Handling errors in Step Functions workflows", AWS Step Functions Developer Guide.

/** The Lambda service is throttling or failing, or another service is and the handler says so. */
export const FUNCTION_ERRORS: RetryProps = {
  errors: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
    'TransientServiceError', // lib/functions/runtime/errors.ts
  ],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 6,
  maxDelay: Duration.minutes(1),
  jitterStrategy: JitterType.FULL,
};

/** Glue has no room at the moment: too many runs of the job, or too many workers in the account. */
export const GLUE_CAPACITY_ERRORS: RetryProps = {
  errors: ['Glue.ConcurrentRunsExceededException', 'Glue.ResourceNumberLimitExceededException'],
  interval: Duration.seconds(15),
  backoffRate: 2,
  maxAttempts: 10,
  maxDelay: Duration.minutes(5),
  jitterStrategy: JitterType.FULL,
};

/** The Glue service is throttling or failing. */
export const GLUE_SERVICE_ERRORS: RetryProps = {
  errors: [
    'Glue.ThrottlingException',
    'Glue.InternalServiceException',
    'Glue.OperationTimeoutException',
    'Glue.SdkClientException',
  ],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 6,
  maxDelay: Duration.minutes(2),
  jitterStrategy: JitterType.FULL,
};

/** EventBridge did not take the event. */
export const EVENT_ERRORS: RetryProps = {
  errors: ['EventBridge.FailedEntry', 'EventBridge.InternalException', 'EventBridge.SdkClientException'],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 6,
  maxDelay: Duration.minutes(1),
  jitterStrategy: JitterType.FULL,
};

/** SNS, or KMS on its behalf, is throttling or failing. */
export const NOTIFICATION_ERRORS: RetryProps = {
  errors: [
    'SNS.InternalErrorException',
    'SNS.ThrottledException',
    'SNS.KMSThrottlingException',
    'SNS.SdkClientException',
  ],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 6,
  maxDelay: Duration.minutes(1),
  jitterStrategy: JitterType.FULL,
};
