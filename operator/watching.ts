import { taskList } from '../local/task-list';

/** Runs long work under a title; the work reports its progress from time to time. */
export type Watching = <T>(title: string, work: (say: (line: string) => void) => Promise<T>) => Promise<T>;

/** Shows the last report below the title: in place on a terminal, else line by line. */
export const watched: Watching = async <T>(title: string, work: (say: (line: string) => void) => Promise<T>) => {
  let result: T | undefined;
  await taskList([
    {
      title,
      task: async (_context, task) => {
        result = await work((line) => {
          task.output = line;
        });
      },
    },
  ]).run();
  return result as T;
};

/** Shows nothing: for a program that reads the command's output. */
export const unwatched: Watching = (_title, work) => work(() => {});
