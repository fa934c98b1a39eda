import { describe, expect, it } from 'vitest';
import { orchestrationSettings } from './support/orchestration';
import { configuration, synthesise } from './support/synthesised';

describe('every role that writes to a log group', () => {
  const {
    stacks: _stacks,
    app: _app,
    folder: _folder,
    ...templates
  } = synthesise(configuration({ ...orchestrationSettings(), intake: { mode: 'batched' } }));
  const roles = Object.values(templates).flatMap((template) =>
    Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => [
      (Properties.Roles as { Ref: string }[])[0]?.Ref ?? '',
      Properties.PolicyDocument.Statement as readonly { Action: string | string[]; Condition?: object }[],
    ]),
  ) as [string, { Action: string | string[]; Condition?: object }[]][];
  const writers = roles.filter(([, statements]) => JSON.stringify(statements).includes('logs:PutLogEvents'));

  it.each(writers)('%s may use the key of the group by way of CloudWatch Logs', (_role, statements) => {
    const withKey = statements.filter(
      ({ Action }) =>
        [Action].flat().includes('kms:GenerateDataKey') || [Action].flat().includes('kms:GenerateDataKey*'),
    );
    expect(JSON.stringify(withKey)).toMatch(/kms:ViaService.*logs\./);
  });

  it('is found: functions, jobs, Airflow and its network', () => {
    expect(writers.length).toBeGreaterThan(8);
  });
});

describe('the stacks of an environment', () => {
  const { stacks, ...templates } = synthesise();

  it('hold on to each other: what one imports, the other can neither drop nor rename', () => {
    expect(JSON.stringify(templates.processing.toJSON())).toContain('"Fn::ImportValue"');
    for (const template of [templates.processing, templates.intake, templates.monitoring]) {
      expect(JSON.stringify(template.toJSON())).not.toContain('Fn::GetStackOutput');
    }
  });

  it('that hold data or process it are protected from deletion', () => {
    expect(stacks.storage.terminationProtection).toBe(true);
    expect(stacks.processing.terminationProtection).toBe(true);
    expect(stacks.monitoring.terminationProtection).toBe(false);
  });

  it('are not protected where the setting says so, or where data may be destroyed', () => {
    const open = configuration({ data: { terminationProtection: false } });
    const destroyable = configuration({ data: { destroyData: true } }, true);
    for (const config of [open, destroyable]) {
      expect(synthesise(config).stacks.storage.terminationProtection).toBe(false);
    }
  });

  it('keep nothing under a fixed name that the next deployment would want', () => {
    const { storage, processing, intake, monitoring } = templates;
    const kept = [storage, processing, intake, monitoring].flatMap((template) =>
      Object.entries(template.toJSON().Resources as Record<string, { DeletionPolicy?: string; Properties?: object }>)
        .filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete')
        .map(([id, { Properties = {} }]) => [id, Object.keys(Properties).filter((name) => name.endsWith('Name'))]),
    );
    expect(kept.length).toBeGreaterThan(4);
    expect(kept.filter(([, names]) => names?.length)).toEqual([]);
  });
});

describe('every rule on events', () => {
  const config = configuration({ ...orchestrationSettings(), alarms: { processingMinutes: 90 } });
  const { processing, intake, orchestration } = synthesise(config);
  const rules = [processing, intake, orchestration].flatMap((template) =>
    Object.values(template?.findResources('AWS::Events::Rule') ?? {}),
  );
  const targets = rules.flatMap(({ Properties }) =>
    (Properties.Targets as object[]).map((target): [string, object] => [String(Properties.Name), target]),
  );

  it.each(targets)(
    '%s hands on the event as it is and keeps what it cannot deliver, so that it can be replayed',
    (_name, target) => {
      expect(target).toHaveProperty('DeadLetterConfig');
      for (const change of ['Input', 'InputPath', 'InputTransformer']) expect(target).not.toHaveProperty(change);
    },
  );

  it('has dead letters that an output leads to', () => {
    processing.hasOutput('ProcessingDeadLetterQueueUrl', {});
    intake.hasOutput('IntakeDeadLetterQueueUrl', {});
    orchestration?.hasOutput('OrchestrationDeadLetterQueueUrl', {});
    expect(targets.length).toBeGreaterThan(4);
  });
});

describe('the deployment settings', () => {
  const { stacks, processing, monitoring, app, folder, ...others } = synthesise(
    configuration({ deployment: { permissionsBoundary: 'team-boundary', bootstrapQualifier: 'team1' } }),
  );
  const templates = [processing, others.storage, others.intake];

  it('bound every role by the policy of the account', () => {
    const roles = templates.flatMap((template) => Object.values(template.findResources('AWS::IAM::Role')));
    expect(roles.length).toBeGreaterThan(5);
    for (const { Properties } of roles) {
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/team-boundary');
    }
  });

  it('name the bootstrap stack of every stack', () => {
    for (const { synthesizer } of Object.values(stacks)) expect(synthesizer.bootstrapQualifier).toBe('team1');
  });

  it('leave roles without a boundary by default', () => {
    const [role] = Object.values(synthesise().processing.findResources('AWS::IAM::Role'));
    expect(role?.Properties).not.toHaveProperty('PermissionsBoundary');
  });
});
