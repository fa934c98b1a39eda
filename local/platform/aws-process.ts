import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { z } from 'zod';
import { binOf, ROOT, SPARK_JARS } from '../paths';
import { freePort } from './ports';

/** How long the local AWS may take to answer, and to end its children, before it is given up. */
const START_SECONDS = 60;
const STOP_SECONDS = 20;

const Ready = z.object({ ready: z.literal(true), endpoint: z.string() });

export interface AwsProcessOptions {
  /** Folder for everything the local AWS writes. */
  readonly state: string;
  /** Spark processes started ahead of the job runs that will use them. */
  readonly warm: number;
  /** What Spark is tuned for: `quick` starts on small inputs, or `steady` work on large ones. @default quick */
  readonly sparkStart?: 'quick' | 'steady';
}

/** The local AWS, a process of its own that ends with this one: it watches its standard input. */
export interface AwsProcess {
  readonly endpoint: string;
  readonly pid: number;
  /** Ends the process and all it started; returns when they are gone. */
  stop(): Promise<void>;
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-count).join('\n');
}

interface Starting {
  readonly stdout: NodeJS.ReadableStream;
  /** Settles when the process has ended. */
  readonly ended: Promise<unknown>;
  kill(): void;
}

async function readyLine(server: Starting, log: string): Promise<z.infer<typeof Ready>> {
  const lines = createInterface({ input: server.stdout });
  const ready = new Promise<z.infer<typeof Ready>>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${START_SECONDS} s`)), START_SECONDS * 1000);
    timer.unref();
    lines.once('line', (line) => {
      clearTimeout(timer);
      try {
        resolve(Ready.parse(JSON.parse(line)));
      } catch {
        reject(new Error(`unexpected first line: ${line}`));
      }
    });
    server.ended.then(() => reject(new Error('it ended')), reject);
  });
  try {
    return await ready;
  } catch (error) {
    server.kill();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The local AWS did not start (${reason}). The end of its log, ${log}:\n${lastLines(log, 15)}`);
  }
}

/**
 * Starts the local AWS on a free port of 127.0.0.1.
 *
 * @throws Error with the end of its log when it does not answer
 */
export async function startAws({ state, warm, sparkStart = 'quick' }: AwsProcessOptions): Promise<AwsProcess> {
  mkdirSync(state, { recursive: true });
  const port = await freePort();
  const log = join(state, 'aws.log');
  const logStream = createWriteStream(log, { flags: 'a' });
  await new Promise((opened) => logStream.once('open', opened));
  const server = execa(
    join(binOf('aws'), 'python'),
    [
      '-m',
      'local_aws',
      '--port',
      String(port),
      '--state',
      state,
      '--warm',
      String(warm),
      '--spark-start',
      sparkStart,
    ].concat(['--spark-jars', SPARK_JARS, '--glue-python', join(binOf('glue'), 'python')]),
    {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: logStream,
      buffer: false,
      reject: false,
      // Not in the terminal's foreground group: Ctrl-C is this process's to handle, which then stops the server in order.
      detached: true,
      env: {
        PYTHONPATH: join(ROOT, 'local', 'aws'),
        PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      },
    },
  );
  const { endpoint } = await readyLine(
    { stdout: server.stdout, ended: server, kill: () => server.kill('SIGKILL') },
    log,
  );
  const pid = server.pid as number;
  return {
    endpoint,
    pid,
    async stop() {
      server.kill('SIGTERM');
      const killer = setTimeout(() => server.kill('SIGKILL'), STOP_SECONDS * 1000);
      await server;
      clearTimeout(killer);
      logStream.end();
    },
  };
}
