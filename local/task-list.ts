import { Listr, type ListrTask, type ListrTaskWrapper, PRESET_TIMER } from 'listr2';

// biome-ignore lint/suspicious/noExplicitAny: listr2's own default for a wrapper of any renderer
export type AnyTask = ListrTaskWrapper<any, any, any>;

/** A list of tasks, each with its time, in the display that suits where the output goes; signals are the command's business. */
export const taskList = (tasks: ListrTask[], concurrent = false) =>
  new Listr(tasks, {
    concurrent,
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false, timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
