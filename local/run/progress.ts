import { Listr, type ListrTask, type ListrTaskWrapper } from 'listr2';
import type { Platform } from '../platform/platform';
import { type DroppedFile, drop, type LocalFile } from './drop';
import { type FileResult, follow } from './follow';

/** More files than this, and files where nobody watches, are shown as one line of counts, not a line each. */
const MOST_LINES = 30;

/** How often the line of counts is looked at (milliseconds): files of one batch move on within a moment. */
const TELL_MS = 1000;

/** Files dropped at the same time. */
const DROPS_AT_ONCE = 8;

const tty = process.stdout.isTTY === true;

// biome-ignore lint/suspicious/noExplicitAny: listr2's own default for a wrapper of any renderer
type AnyTask = ListrTaskWrapper<any, any, any>;

/** A list of tasks with the display that suits where the output goes; signals are the command's business. */
export const taskList = (tasks: ListrTask[], concurrent = false) =>
  new Listr(tasks, {
    concurrent,
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false },
  });

/** Says on the file's line where it stands, and for how long it has been on its way. */
function stateTeller(task: AnyTask, name: string): (state: string) => void {
  const began = Date.now();
  return (state) => {
    task.title = `${name} · ${state} · ${Math.round((Date.now() - began) / 1000)} s`;
  };
}

const ending = ({ status, published, recordsRead }: FileResult): string =>
  `${status}${recordsRead > 0 ? `, ${published} of ${recordsRead} records published` : ''}`;

async function followOne(platform: Platform, file: DroppedFile, task: AnyTask): Promise<FileResult> {
  const result = await follow(platform, file, stateTeller(task, file.name));
  task.title = `${file.name} · ${ending(result)} · ${result.seconds.toFixed(1)} s`;
  return result;
}

/** Follows many files under one line that counts their states. */
async function followMany(platform: Platform, files: readonly DroppedFile[], task: AnyTask): Promise<FileResult[]> {
  const states = new Map<string, string>();
  const tell = (): void => {
    const counts = Object.entries(Object.groupBy(states.values(), (state) => state));
    const line = counts.map(([state, of]) => `${of?.length} ${state}`).join(', ');
    if (line && line !== task.output) task.output = line;
  };
  const telling = setInterval(tell, TELL_MS);
  try {
    return await Promise.all(
      files.map(async (file) => {
        const result = await follow(platform, file, (state) => states.set(file.key, state));
        states.set(file.key, result.status);
        return result;
      }),
    );
  } finally {
    clearInterval(telling);
    tell();
  }
}

async function dropAll(platform: Platform, files: readonly LocalFile[]): Promise<DroppedFile[]> {
  const dropped: DroppedFile[] = [];
  for (let first = 0; first < files.length; first += DROPS_AT_ONCE) {
    const group = files.slice(first, first + DROPS_AT_ONCE);
    dropped.push(...(await Promise.all(group.map((file) => drop(platform, file)))));
  }
  return dropped;
}

/** Drops files into a running platform and follows each to its end, with a live display. */
export async function processFiles(platform: Platform, files: readonly LocalFile[]): Promise<FileResult[]> {
  const results: FileResult[] = [];
  await taskList([
    {
      title: `Process ${files.length} ${files.length === 1 ? 'file' : 'files'}`,
      task: async (_context, task) => {
        const dropped = await dropAll(platform, files);
        if (!tty || dropped.length > MOST_LINES) {
          results.push(...(await followMany(platform, dropped, task)));
          return;
        }
        return task.newListr(
          dropped.map((file, index) => ({
            title: file.name,
            task: async (_inner, line) => {
              results[index] = await followOne(platform, file, line);
            },
          })),
          { concurrent: true },
        );
      },
    },
  ]).run();
  return results;
}
