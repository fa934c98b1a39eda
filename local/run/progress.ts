import { Listr, type ListrTask, type ListrTaskWrapper } from 'listr2';
import { mapConcurrently } from '../../lib/runtime/concurrency';
import type { Platform } from '../platform/platform';
import { type DroppedFile, drop, type LocalFile } from './drop';
import type { FileResult } from './file-result';
import { followAll } from './follow';

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

const ending = ({ status, published, recordsRead }: FileResult): string =>
  `${status}${recordsRead > 0 ? `, ${published} of ${recordsRead} records published` : ''}`;

/** A line for each file: where it stands, and for how long it has been on its way. The lines end with their files, or by `fail`. */
function fileLines(files: readonly DroppedFile[]) {
  const titles = new Map<DroppedFile, (title: string) => void>();
  const ended = new Map(files.map((file) => [file, Promise.withResolvers<void>()]));
  const lines = files.map((file) => ({
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
      ended.get(file)?.resolve();
    },
  };
  const fail = (error: unknown): void => {
    for (const { reject } of ended.values()) reject(error);
  };
  return { lines, onlooker, fail };
}

/** Follows files under one line that counts their states. */
async function followOnOneLine(
  platform: Platform,
  files: readonly DroppedFile[],
  task: AnyTask,
): Promise<FileResult[]> {
  const states = new Map<DroppedFile, string>();
  const tell = (): void => {
    const counts = Object.entries(Object.groupBy(states.values(), (state) => state));
    const line = counts.map(([state, of]) => `${of?.length} ${state}`).join(', ');
    if (line !== task.output) task.output = line;
  };
  const telling = setInterval(tell, TELL_MS);
  try {
    return await followAll(platform, files, {
      onState: (file, state) => states.set(file, state),
      onEnd: (file, { status }) => states.set(file, status),
    });
  } finally {
    clearInterval(telling);
    tell();
  }
}

/** Drops files into a running platform and follows them to their end, with a live display. */
export async function processFiles(platform: Platform, files: readonly LocalFile[]): Promise<FileResult[]> {
  let following: Promise<FileResult[]> | undefined;
  await taskList([
    {
      title: `Process ${files.length} ${files.length === 1 ? 'file' : 'files'}`,
      task: async (_context, task) => {
        const dropped = await mapConcurrently(files, DROPS_AT_ONCE, (file) => drop(platform, file));
        if (!tty || dropped.length > MOST_LINES) {
          following = followOnOneLine(platform, dropped, task);
          await following;
          return;
        }
        const { lines, onlooker, fail } = fileLines(dropped);
        following = followAll(platform, dropped, onlooker);
        following.catch(fail);
        return task.newListr(lines, { concurrent: true });
      },
    },
  ]).run();
  return (await following) ?? [];
}
