import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { binOf, LOCAL, ROOT, SPARK_JARS } from '../paths';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

/** `<sha256>  <jar>` a line, as `sha256sum` writes it. */
const LOCK = join(ROOT, 'local/setup/spark-jars.sha256');

/** What Spark 4.1 needs to speak S3. The whole `bundle` of the AWS SDK (642 MB) is left out: S3A needs these four modules of it. */
const SDK_VERSION = '2.29.52';
const PACKAGES = [
  'org.apache.hadoop:hadoop-aws:3.4.2',
  ...['s3', 's3-transfer-manager', 'sts', 'kms'].map((module) => `software.amazon.awssdk:${module}:${SDK_VERSION}`),
];
const EXCLUDED = 'software.amazon.awssdk:bundle';

function locked(): Map<string, string> {
  const lines = readFileSync(LOCK, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(/\s+/)).map(([hash = '', jar = '']) => [jar, hash]));
}

export const sparkJarsInstalled = (): boolean => existsSync(SPARK_JARS) && isCurrent('spark-jars', hashOfFiles([LOCK]));

/**
 * Fetches the jars by Spark's own resolver (Ivy, with the machine's settings) and accepts only those whose hash is locked.
 *
 * @throws Error that names each jar that is missing, unknown or different from the locked one
 */
export async function installSparkJars(): Promise<void> {
  const ivy = join(LOCAL, 'ivy');
  const bin = binOf('glue');
  await execa(
    join(bin, 'spark-submit'),
    [
      '--master',
      'local[1]',
      '--conf',
      `spark.jars.ivy=${ivy}`,
      '--packages',
      PACKAGES.join(','),
      '--exclude-packages',
      EXCLUDED,
      join(ROOT, 'local/setup/nothing.py'),
    ],
    { env: { PATH: `${bin}${delimiter}${process.env.PATH}` } },
  );
  const wanted = locked();
  const fetched = readdirSync(join(ivy, 'jars'));
  const wrong = [
    ...[...wanted.keys()].filter((jar) => !fetched.includes(jar)).map((jar) => `${jar}: missing`),
    ...fetched.flatMap((jar) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(ivy, 'jars', jar)))
        .digest('hex');
      if (!wanted.has(jar)) return [`${jar}: not locked`];
      return wanted.get(jar) === hash ? [] : [`${jar}: SHA-256 ${hash} is not the locked one`];
    }),
  ];
  if (wrong.length > 0)
    throw new Error(`Spark's S3 jars are not those of local/setup/spark-jars.sha256:\n${wrong.join('\n')}`);
  rmSync(SPARK_JARS, { recursive: true, force: true });
  mkdirSync(SPARK_JARS, { recursive: true });
  for (const jar of fetched) copyFileSync(join(ivy, 'jars', jar), join(SPARK_JARS, jar));
  rmSync(ivy, { recursive: true, force: true });
  markCurrent('spark-jars', hashOfFiles([LOCK]));
}
