import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const settings = configuration({ functions: { registerFiles: { memoryMiB: 2048, timeoutSeconds: 90 } } });
const { processing } = synthesise(settings);
const names = ['register-files', 'record-outcome', 'record-failure'];
const roles = ['FunctionsRegisterFilesRole', 'FunctionsRecordOutcomeRole', 'FunctionsRecordFailureRole'];

const FILE_EVENTS = '/tables/file_events/*';

describe('every function', () => {
  it.each(names)('%s runs on Node 24 and ARM, is traced, and knows where files, tables and ledger are', (name) => {
    processing.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `reviews-test-${name}`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      Environment: {
        Variables: Match.objectLike({
          NODE_OPTIONS: '--enable-source-maps',
          RAW_BUCKET: Match.anyValue(),
          PROCESSED_BUCKET: Match.anyValue(),
          LEDGER_TABLE: Match.anyValue(),
        }),
      },
    });
  });

  it.each(names)('%s logs to a group of its own that is encrypted and ends', (name) => {
    processing.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/lambda/reviews-test-${name}`,
      RetentionInDays: 90,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Operations'), 'Arn'] },
    });
  });

  it('takes memory and timeout from the settings', () => {
    processing.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-register-files',
      MemorySize: 2048,
      Timeout: 90,
    });
  });

  it.each(roles)('%s allows actions by name only', (role) => {
    const actions = statementsOf(processing, role).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });
});

describe('what a function may access', () => {
  it('register-files: reads received files, writes the work area and file events', () => {
    expect(objectAccess(processing, 'FunctionsRegisterFilesRole', 'Raw')).toEqual({
      's3:GetObject': ['/reviews/*'],
      's3:GetObjectVersion': ['/reviews/*'],
    });
    expect(objectAccess(processing, 'FunctionsRegisterFilesRole', 'Processed')).toEqual({
      's3:PutObject': [FILE_EVENTS, '/work/*'],
      's3:AbortMultipartUpload': [FILE_EVENTS, '/work/*'],
    });
  });

  it('register-files: lists the raw bucket, so that a missing version differs from a forbidden one', () => {
    const listing = statementsOf(processing, 'FunctionsRegisterFilesRole').find(({ actions }) =>
      actions.includes('s3:ListBucket'),
    );
    expect(listing?.actions).toEqual(['s3:ListBucket', 's3:ListBucketVersions']);
    expect(listing?.resources).toEqual([expect.stringMatching(/RawBucket\w*Arn/)]);
  });

  it('record-outcome: reads the work area, writes file events, removes and marks what a replay replaces', () => {
    const { 's3:DeleteObject': removes, ...access } = objectAccess(
      processing,
      'FunctionsRecordOutcomeRole',
      'Processed',
    );
    expect(access).toEqual({ 's3:GetObject': ['/work/*'], 's3:PutObject': ['/tables/compactions/*', FILE_EVENTS] });
    expect(removes).toContain('/tables/reviews/*');
    expect(removes).not.toContain(FILE_EVENTS);
    expect(removes?.every((key) => key.startsWith('/tables/'))).toBe(true);
  });

  it('record-failure: removes what was published, but never a file event', () => {
    const access = objectAccess(processing, 'FunctionsRecordFailureRole', 'Processed');
    expect(access['s3:DeleteObject']).toContain('/tables/reviews/*');
    expect(access['s3:DeleteObject']).not.toContain(FILE_EVENTS);
    expect(access['s3:DeleteObject']?.every((key) => key.startsWith('/tables/'))).toBe(true);
    expect(access['s3:PutObject']).toEqual([FILE_EVENTS]);
  });

  it('record-failure: stops runs of the two jobs and of no other', () => {
    const glue = statementsOf(processing, 'FunctionsRecordFailureRole').find(({ actions }) =>
      actions.includes('glue:BatchStopJobRun'),
    );
    expect(glue?.resources.map((arn) => arn.split(':').at(-1))).toEqual([
      'job/reviews-test-clean-reviews',
      'job/reviews-test-flatten-reviews',
    ]);
  });

  it.each(roles)('%s: of the raw bucket nothing but what it reads', (role) => {
    const writing = /Put|Delete|Abort/;
    expect(Object.keys(objectAccess(processing, role, 'Raw')).filter((action) => writing.test(action))).toEqual([]);
  });
});

describe('executions that end without reporting themselves', () => {
  it('are recorded by record-failure, with retries and a dead-letter queue', () => {
    processing.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('^ReviewsStateMachine') }],
          status: ['TIMED_OUT', 'ABORTED'],
        },
      },
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FunctionsRecordFailure'), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] } },
          RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 21_600 },
          InputTransformer: Match.absent(),
        }),
      ],
    });
  });

  it('are recorded by the same function where an error ended them that no state can catch', () => {
    processing.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp('^ReviewsStateMachine') }],
          status: ['FAILED'],
          error: ['States.DataLimitExceeded', 'States.Runtime'],
        },
      },
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FunctionsRecordFailure'), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] } },
        }),
      ],
    });
  });

  it('are not lost if record-failure itself fails', () => {
    processing.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-record-failure',
      DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] } },
    });
  });
});
