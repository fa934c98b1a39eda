import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { z } from 'zod';
import { freePort } from './ports';

/** Limits for a server to answer, and to end with its children. */
const START_SECONDS = 180;
const STOP_SECONDS = 20;

const Ready = z.object({ ready: z.literal(true), endpoint: z.string() });
type Ready = z.infer<typeof Ready>;

export interface ChildServerOptions {
  /** Its name in messages: `local AWS`. */
  readonly name: string;
  /** Interpreter, and the module it runs. */
  readonly python: string;
  readonly module: string;
  /** Further arguments; port and state are added. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder for everything the server writes. */
  readonly state: string;
  /** Port it serves on. @default a free one */
  readonly port?: number;
}

/** A server process that is starting. It ends with this process, because it watches its standard input. */
export interface LaunchedServer {
  readonly pid: number;
  /** URL, once it serves; rejected with the end of its log if it fails to start. */
  readonly endpoint: Promise<string>;
  /** Ends the process and all it started; returns when they are gone. */
  stop(): Promise<void>;
}

interface Starting {
  readonly stdout: NodeJS.ReadableStream;
  /** Settles when the process has ended. */
  readonly ended: Promise<unknown>;
  kill(): void;
}

const lastLines = (file: string, count: number): string =>
  readFileSync(file, 'utf8').trim().split('\n').slice(-count).join('\n');

async function readyLine(name: string, server: Starting, log: string): Promise<Ready> {
  const lines = createInterface({ input: server.stdout });
  const ready = new Promise<Ready>((resolve, reject) => {
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
    throw new Error(`The ${name} did not start (${reason}). The end of its log, ${log}:\n${lastLines(log, 15)}`);
  }
}

/** Starts the process of a server on 127.0.0.1, and does not wait until it serves. */
export async function launchChildServer(options: ChildServerOptions): Promise<LaunchedServer> {
  const { name, python, module, args, env, state, port = await freePort() } = options;
  mkdirSync(state, { recursive: true });
  const log = join(state, 'server.log');
  const logStream = createWriteStream(log, { flags: 'a' });
  await new Promise((opened) => logStream.once('open', opened));
  const server = execa(python, ['-m', module, '--port', String(port), '--state', state, ...args], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: logStream,
    buffer: false,
    reject: false,
    // A process group of its own: this process handles Ctrl-C and then stops the server in order.
    detached: true,
    // Else execa kills it after five seconds; what it must tidy up can take longer on a busy machine.
    forceKillAfterDelay: false,
    env,
  });
  const starting = { stdout: server.stdout, ended: server, kill: () => server.kill('SIGKILL') };
  const endpoint = readyLine(name, starting, log).then((ready) => ready.endpoint);
  // Whoever waits later receives the failure; until then an unhandled rejection must not end this process.
  endpoint.catch(() => {});
  return {
    endpoint,
    pid: server.pid as number,
    async stop() {
      server.kill('SIGTERM');
      const killer = setTimeout(() => server.kill('SIGKILL'), STOP_SECONDS * 1000);
      await server;
      clearTimeout(killer);
      logStream.end();
    },
  };
}
