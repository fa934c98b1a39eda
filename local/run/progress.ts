import type { ListrTask } from 'listr2';
import { mapConcurrently } from '../../lib/functions/runtime/concurrency';
import type { Deployed } from '../platform/platform';
import { type AnyTask, taskList } from '../task-list';
import { type DroppedFile, drop, type LocalFile } from './drop';
import { endedWell, type FileResult, signOf } from './file-result';
import { followAll } from './follow';

/** With more files than this, or without a terminal, one line of counts is shown instead of one line per file. */
const MAX_LINES = 30;

/** Files dropped at the same time: as many as register-files takes at once, or the first batch would delay the rest of the drop. */
const DROPS_AT_ONCE = 32;

const tty = process.stdout.isTTY === true;

const ending = (result: FileResult): string => {
  const { status, published, recordsRead } = result;
  return `${signOf(result)}${status}${recordsRead > 0 ? `, ${published} of ${recordsRead} records published` : ''}`;
};

/** A line for each file: where it stands, and for how long it has been on its way. The lines end with their files, or by `fail`. */
function fileLines(files: readonly DroppedFile[]) {
  const titles = new Map<DroppedFile, (title: string) => void>();
  const ended = new Map(files.map((file) => [file, Promise.withResolvers<void>()]));
  const tasks = files.map((file) => ({
    title: file.name,
    task: (_context: unknown, line: AnyTask) => {
      titles.set(file, (title) => {
        line.title = `${file.name} · ${title}`;
      });
      return ended.get(file)?.promise;
    },
  }));
  const onlooker = {
    onState(file: DroppedFile, state: string) {
      titles.get(file)?.(`${state} · ${Math.round((Date.now() - file.droppedAt) / 1000)} s`);
    },
    onEnd(file: DroppedFile, result: FileResult) {
      titles.get(file)?.(`${ending(result)} · ${result.seconds.toFixed(1)} s`);
      // The line of a file that did not get through ends with a cross instead of a tick.
      if (endedWell(result)) ended.get(file)?.resolve();
      else ended.get(file)?.reject(new Error(result.status));
    },
  };
  const fail = (error: unknown): void => {
    for (const { reject } of ended.values()) reject(error);
  };
  return { tasks, onlooker, fail };
}

/** Follows files under one line that counts their states. */
function followOnOneLine(platform: Deployed, files: readonly DroppedFile[], task: AnyTask): Promise<FileResult[]> {
  const states = new Map<DroppedFile, string>();
  const tell = (): void => {
    const counts = Object.entries(Object.groupBy(states.values(), (state) => state));
    const line = counts.map(([state, of]) => `${of?.length} ${state}`).join(', ');
    if (line !== task.output) task.output = line;
  };
  return followAll(platform, files, {
    onState: (file, state) => states.set(file, state),
    onEnd: (file, { status }) => states.set(file, status),
    onLook: tell,
  });
}

/** The outcome of dropped files, and how long it took from the first drop (seconds). */
export interface Processed {
  readonly results: readonly FileResult[];
  readonly seconds: number;
}

/**
 * Drops files into a running platform and follows them to their end, with a live display.
 *
 * @param beside work that runs at the same time, and is waited for too
 */
export function processFiles(
  platform: Deployed,
  files: readonly LocalFile[],
  beside: readonly ListrTask[] = [],
): Promise<Processed> {
  const title = `Process ${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  const bring = () => mapConcurrently(files, DROPS_AT_ONCE, (file) => drop(platform, file));
  return processBrought(platform, title, bring, beside);
}

/** Follows files to their end, with a live display; `bring` brings them into the raw bucket first, and may say how it gets on. */
export async function processBrought(
  platform: Deployed,
  title: string,
  bring: (say: (line: string) => void) => Promise<DroppedFile[]>,
  beside: readonly ListrTask[] = [],
): Promise<Processed> {
  const began = performance.now();
  let processed: Promise<Processed> | undefined;
  const processing: ListrTask = {
    title,
    task: async (_context, task) => {
      const dropped = await bring((line) => {
        if (line !== task.output) task.output = line;
      });
      const lines = tty && dropped.length <= MAX_LINES ? fileLines(dropped) : undefined;
      const following = lines ? followAll(platform, dropped, lines.onlooker) : followOnOneLine(platform, dropped, task);
      processed = following.then((results) => ({ results, seconds: (performance.now() - began) / 1000 }));
      if (!lines) return processed.then(() => undefined);
      processed.catch(lines.fail);
      return task.newListr(lines.tasks, { concurrent: true, exitOnError: false });
    },
  };
  await taskList([processing, ...beside], true).run();
  if (!processed) throw new Error('No file was dropped.');
  return processed;
}
