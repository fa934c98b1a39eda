import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { stagePackage } from '../../lib/processing/glue-package';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const glue = {
  workerType: 'G.2X',
  maximumWorkers: 7,
  timeoutMinutes: 33,
  maximumConcurrentRuns: 9,
  executionClass: 'FLEX',
  smallBatchMebibytes: 256,
} as const;
const { processing } = synthesise(configuration({ glue }));

interface Job {
  readonly Name: string;
  readonly Command: Record<string, unknown>;
  readonly DefaultArguments: Record<string, unknown>;
}
const jobs = Object.values(processing.findResources('AWS::Glue::Job')).map(({ Properties }) => Properties as Job);

describe('each job', () => {
  it('is one of two', () => {
    expect(jobs.map(({ Name }) => Name).sort()).toEqual(['reviews-test-clean-reviews', 'reviews-test-flatten-reviews']);
  });

  it.each(jobs)('$Name leaves nothing to the defaults of Glue', (job) => {
    expect(job).toMatchObject({
      GlueVersion: '6.0',
      Command: { Name: 'glueetl', PythonVersion: '3' },
      WorkerType: 'G.2X',
      NumberOfWorkers: 7,
      Timeout: 33,
      MaxRetries: 0,
      ExecutionClass: 'FLEX',
      JobRunQueuingEnabled: true,
      ExecutionProperty: { MaxConcurrentRuns: 9 },
    });
    expect(job.DefaultArguments).toMatchObject({
      '--enable-auto-scaling': 'true',
      '--enable-continuous-cloudwatch-log': 'true',
      '--enable-job-insights': 'true',
      '--enable-metrics': '',
      '--enable-observability-metrics': 'true',
      '--custom-logGroup-prefix': `/aws-glue/${job.Name}`,
    });
  });

  it.each(jobs)('$Name brings the package as a zip and its temporary files to the work area', (job) => {
    expect(flat(job.Command.ScriptLocation)).toMatch(/^s3:\/\/.*\.py$/);
    expect(flat(job.DefaultArguments['--extra-py-files'])).toMatch(/^s3:\/\/.*\.zip$/);
    expect(flat(job.DefaultArguments['--TempDir'])).toMatch(/\/work\/temporary\/$/);
  });

  it.each(jobs)('$Name installs the kernel from a zip of wheels of the deployment, and from no index', (job) => {
    expect(job.DefaultArguments['--additional-python-modules']).toEqual({
      'Fn::Sub': expect.stringMatching(/^s3:\/\/cdk-hnb659fds-assets-[^,]+\/[0-9a-f]+\.gluewheels\.zip$/),
    });
    expect(job.DefaultArguments['--python-modules-installer-option']).toBe('--no-index');
  });

  it.each(jobs)('$Name is told in bytes up to which size a batch needs no Spark', (job) => {
    expect(job.DefaultArguments['--small-batch-bytes']).toBe('268435456');
  });

  it('starts Spark for every batch where the setting says 0', () => {
    const always = synthesise(configuration({ glue: { smallBatchMebibytes: 0 } })).processing;
    always.allResourcesProperties('AWS::Glue::Job', {
      DefaultArguments: Match.objectLike({ '--small-batch-bytes': '0' }),
    });
  });

  it('takes batches of up to one gibibyte for small where no setting says otherwise', () => {
    expect(configuration().settings.glue.smallBatchMebibytes).toBe(1024);
  });

  it.each(jobs)('$Name logs to groups that are encrypted and end', ({ Name }) => {
    for (const kind of ['error', 'output']) {
      processing.hasResourceProperties('AWS::Logs::LogGroup', {
        LogGroupName: `/aws-glue/${Name}/${kind}`,
        RetentionInDays: 90,
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Operations'), 'Arn'] },
      });
    }
  });

  it('leaves nothing behind whose name the next deployment needs', () => {
    processing.allResources('AWS::Glue::SecurityConfiguration', { DeletionPolicy: 'Delete' });
  });

  it('lets Glue name no log group: those of the stack are encrypted, and a run may write to no other', () => {
    const { Properties } = Object.values(processing.findResources('AWS::Glue::SecurityConfiguration'))[0] ?? {};
    expect(Properties?.EncryptionConfiguration).not.toHaveProperty('CloudWatchEncryption');
    const written = ['JobsCleanRole', 'JobsFlattenRole'].flatMap((role) =>
      statementsOf(processing, role)
        .filter(({ actions }) => actions.includes('logs:PutLogEvents'))
        .flatMap(({ resources }) => resources.map((resource) => resource.replace(/^.*:log-group:/, ''))),
    );
    const groups = Object.values(processing.findResources('AWS::Logs::LogGroup'))
      .filter((group) => group.Properties.KmsKeyId !== undefined)
      .map((group) => String(group.Properties.LogGroupName));
    expect(written).toHaveLength(4);
    expect(groups).toEqual(expect.arrayContaining(written.map((name) => name.replace(/:\*$/, ''))));
  });

  it('encrypts data and bookmarks by customer keys', () => {
    processing.hasResourceProperties('AWS::Glue::SecurityConfiguration', {
      EncryptionConfiguration: {
        S3Encryptions: [{ S3EncryptionMode: 'SSE-KMS' }],
        JobBookmarksEncryption: { JobBookmarksEncryptionMode: 'CSE-KMS' },
      },
    });
  });
});

const tables = [
  'customers',
  'deleted_reviews',
  'products',
  'rejected_records',
  'review_media',
  'review_responses',
  'review_tags',
  'reviewers',
  'reviews',
  'support_cases',
];

describe('what a job may touch', () => {
  it('clean: the work area', () => {
    const access = objectAccess(processing, 'JobsCleanRole', 'Processed');
    expect(access['s3:PutObject']).toEqual(['/work/*']);
    expect(access['s3:DeleteObject']).toEqual(['/work/*']);
    expect(access['s3:GetObject']).toEqual(['/work', '/work/*']);
  });

  it('flatten: the work area and the tables that are its own', () => {
    const access = objectAccess(processing, 'JobsFlattenRole', 'Processed');
    const written = [...tables.map((table) => `/tables/${table}/*`), '/work/*'].sort();
    expect(access['s3:PutObject']).toEqual(written);
    expect(access['s3:DeleteObject']).toEqual(written);
  });

  it.each(['JobsCleanRole', 'JobsFlattenRole'])(
    '%s: of the deployment, its script, the package and the wheels',
    (role) => {
      const assets = statementsOf(processing, role)
        .flatMap(({ resources }) => resources)
        .filter((resource) => resource.includes('-assets-'));
      expect(assets.map((resource) => resource.replace(/.*\/[0-9a-f]+/, '')).sort()).toEqual([
        '.gluewheels.zip',
        '.py',
        '.zip',
      ]);
    },
  );

  it.each(['JobsCleanRole', 'JobsFlattenRole'])(
    '%s: nothing received, no ledger, and no more than actions by name',
    (role) => {
      const statements = statementsOf(processing, role);
      expect(
        statements.flatMap(({ resources }) => resources).filter((resource) => /Raw|Ledger/.test(resource)),
      ).toEqual([]);
      expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
    },
  );
});

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'review-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  stagePackage(folder);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });

  it('is the folder reviews/ with the contracts inside', () => {
    expect(readdirSync(folder)).toEqual(['reviews']);
    expect(files).toEqual(expect.arrayContaining(['reviews/__init__.py', 'reviews/contracts/tables/reviews.json']));
    const contract = readFileSync(join(folder, 'reviews/contracts/outcomes.json'), 'utf8');
    expect(contract).toBe(readFileSync(join(import.meta.dirname, '../../contracts/outcomes.json'), 'utf8'));
  });

  it('holds no caches', () => {
    expect(files.filter((file) => /__pycache__|\.pyc$/.test(file))).toEqual([]);
  });
});
