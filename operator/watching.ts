import { taskList } from '../local/task-list';

/** Does long work under a title; the work says now and then how far it has got. */
export type Watching = <T>(title: string, work: (say: (line: string) => void) => Promise<T>) => Promise<T>;

/** With the line that was said last below the title: on a terminal in place, else line by line. */
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

/** Without messages: for a program that reads what the command writes. */
export const unwatched: Watching = (_title, work) => work(() => {});
