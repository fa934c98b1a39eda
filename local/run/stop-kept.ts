import { isAlive, newestKept } from './kept';

/** How long a run may take to end its servers (seconds). */
const STOP_SECONDS = 60;

/**
 * Asks the newest kept run to end, and waits until it has.
 *
 * @throws Error where none is up, or it does not end in time
 */
export async function stopKept(): Promise<string> {
  const { pid } = newestKept();
  process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + STOP_SECONDS * 1000; Date.now() < deadline; ) {
    if (!isAlive(pid)) return 'Stopped.';
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`The run has not ended after ${STOP_SECONDS} s: its process is ${pid}.`);
}
