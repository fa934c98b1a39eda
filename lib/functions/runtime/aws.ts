/**
 * What every AWS client of the functions is made with. Endpoint, region and credentials come from the standard AWS_*
 * environment variables alone, so the same bundle runs in AWS and against a local AWS.
 */
export const clientDefaults = {
  // Standard mode: exponential backoff with full jitter, at most 20 s (AWS SDKs reference, "Retry behavior"): 5 attempts
  // outlast a throttled second; Step Functions' retry handles what lasts longer, and its waiting costs nothing.
  maxAttempts: 5,
  retryMode: 'standard',
  // socketTimeout: S3 keeps a long copy's connection alive by white space, so a minute of silence is a dead one (ms).
  requestHandler: { connectionTimeout: 3_000, socketTimeout: 60_000 },
} as const;
