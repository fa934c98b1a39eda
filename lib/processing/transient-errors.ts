import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

// Only transient errors are retried. `States.TaskFailed` is not among it: a job that failed on bad data or a bug fails
// again, at the price of another run. "Handling errors in Step Functions workflows", AWS Step Functions Developer Guide.

/**
 * The Lambda service is failing, or another service is and the handler says so.
 * "Handle Lambda service exceptions", AWS Step Functions Developer Guide.
 */
export const FUNCTION_ERRORS: RetryProps = {
  errors: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'TransientServiceError', // lib/functions/runtime/function-errors.ts
  ],
  ...soon(6),
};

/** All concurrent calls that the account allows are taken. Calls end within minutes, so this waits longer than the other errors do. */
export const FUNCTION_THROTTLED: RetryProps = {
  errors: ['Lambda.TooManyRequestsException'],
  ...patiently(12),
};

/**
 * The function ran out of time or memory, or its process was killed: once may be a slow minute of a service, twice is the batch itself.
 * Lambda.Unknown is the older name. "Handle Lambda service exceptions", AWS Step Functions Developer Guide.
 */
export const FUNCTION_CUT_OFF: RetryProps = {
  errors: ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError'],
  ...soon(1),
};

/** Glue has no room at the moment: too many runs of the job, or too many workers in the account. */
export const GLUE_CAPACITY_ERRORS: RetryProps = {
  errors: ['Glue.ConcurrentRunsExceededException', 'Glue.ResourceNumberLimitExceededException'],
  ...backOff(Duration.seconds(15), Duration.minutes(5), 10),
};

/**
 * The Glue service is throttling or failing. StartJobRun names no error for throttling, so it arrives under the base name of all
 * Glue errors: "Rate exceeded". "How do I resolve ThrottlingException or rate exceeded errors in AWS Glue?", AWS re:Post.
 */
export const GLUE_SERVICE_ERRORS: RetryProps = {
  errors: [
    'Glue.AWSGlueException',
    'Glue.GlueException',
    'Glue.ThrottlingException',
    'Glue.InternalServiceException',
    'Glue.OperationTimeoutException',
    'Glue.SdkClientException',
  ],
  ...patiently(12),
};

/**
 * EventBridge did not take the event. The base names cover throttling, for which PutEvents names no error.
 * "Call EventBridge with Step Functions", AWS Step Functions Developer Guide (EventBridge.FailedEntry).
 */
export const EVENT_ERRORS: RetryProps = {
  errors: [
    'EventBridge.FailedEntry',
    'EventBridge.InternalException',
    'EventBridge.AmazonEventBridgeException',
    'EventBridge.EventBridgeException',
    'EventBridge.SdkClientException',
  ],
  ...soon(6),
};

/** SNS, or KMS on its behalf, is throttling or failing. */
export const NOTIFICATION_ERRORS: RetryProps = {
  errors: [
    'SNS.InternalErrorException',
    'SNS.ThrottledException',
    'SNS.KMSThrottlingException',
    'SNS.AmazonSNSException',
    'SNS.SnsException',
    'SNS.SdkClientException',
  ],
  ...soon(6),
};

/** Tries again within seconds, then within a minute at most. */
function soon(maxAttempts: number): BackOff {
  return backOff(Duration.seconds(2), Duration.minutes(1), maxAttempts);
}

/** Tries again over some fifteen minutes, jitter included: as long as a burst of hundreds of executions takes to pass a rate limit. */
function patiently(maxAttempts: number): BackOff {
  return backOff(Duration.seconds(5), Duration.minutes(5), maxAttempts);
}

type BackOff = Omit<RetryProps, 'errors'>;

/** Waits twice as long each time, up to a bound; with jitter, because those that failed together would try together again. */
function backOff(interval: Duration, maxDelay: Duration, maxAttempts: number): BackOff {
  return { interval, backoffRate: 2, maxAttempts, maxDelay, jitterStrategy: JitterType.FULL };
}
