import { describe, expect, it } from 'vitest';
import { FLATTENED_TABLES } from '../../lib/contracts/tables';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const { processing, monitoring } = synthesise(
  configuration({ compaction: { minimumBatches: 7, graceHours: 9, hour: 4 } }),
);

const found = (type: string, name: string) =>
  Object.values(processing.findResources(type)).find(({ Properties }) => JSON.stringify(Properties).includes(name))
    ?.Properties;

describe('the compaction', () => {
  it('is made only where a setting asks for it', () => {
    const without = synthesise().processing;
    without.resourceCountIs('AWS::Glue::Job', 2);
    without.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  });

  it('runs once a day, one run at a time, and starts no Spark', () => {
    expect(found('AWS::Events::Rule', 'reviews-test-compaction')).toMatchObject({
      ScheduleExpression: 'cron(0 4 * * ? *)',
    });
    expect(found('AWS::Glue::Job', 'reviews-test-compact-tables')).toMatchObject({
      NumberOfWorkers: 2,
      ExecutionProperty: { MaxConcurrentRuns: 1 },
    });
  });

  it('hands the settings to the job, and what an operator asks for', () => {
    const machine = found('AWS::StepFunctions::StateMachine', 'reviews-test-compaction');
    const { States } = JSON.parse(flat(machine?.DefinitionString)) as {
      States: Record<string, { Arguments: { Arguments: Record<string, string> }; TimeoutSeconds: number }>;
    };
    const { Arguments, TimeoutSeconds } = States['Compact tables'] ?? {};
    expect(Arguments?.Arguments).toMatchObject({
      '--tables': expect.stringMatching(/^s3:\/\/.*\/tables\/$/),
      '--minimum-batches': '7',
      '--grace-hours': '9',
      '--report': expect.stringMatching(
        /^\{% "s3:\/\/.*\/work\/compaction\/" & \$states\.context\.Execution\.Name & "\.json" %\}$/,
      ),
      '--mode': '{% $states.input.plan = true ? "plan" : "compact" %}',
      '--days': '{% $states.input.today = true ? "all" : "past" %}',
    });
    // Glue ends the run before Step Functions gives it up.
    expect(TimeoutSeconds).toBeGreaterThan((60 + 120) * 60);
  });

  it('may write the tables with rows and its announcements, and reads of the file events only', () => {
    const access = objectAccess(processing, 'JobsCompactRole', 'Processed');
    const tables = [...FLATTENED_TABLES, 'compactions'].map((table) => `/tables/${table}/*`).sort();
    expect(access['s3:DeleteObject']).toEqual(tables);
    expect(access['s3:PutObject']).toEqual([...tables, '/work/compaction/*']);
    expect(access['s3:GetObject']).toEqual([...tables, '/tables/file_events/*'].sort());
    const statements = statementsOf(processing, 'JobsCompactRole');
    expect(statements.flatMap(({ resources }) => resources).filter((one) => /Raw|Ledger/.test(one))).toEqual([]);
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });

  it.each(['failed', 'timed-out'])('%s raises an alarm that says what to do', (end) => {
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `reviews-test-${end}-compactions`,
      Threshold: 1,
    });
  });

  it('tells the operator where it is', () => {
    processing.hasOutput('CompactionStateMachineArn', {});
  });
});
