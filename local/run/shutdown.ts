/** Clean-up before the process ends, for whatever reason it ends. */
const undo: (() => Promise<void> | void)[] = [];
let ending: Promise<never> | undefined;

/** Registers something to undo at the end, last registered first. */
export const atEnd = (action: () => Promise<void> | void): void => {
  undo.push(action);
};

async function undoAll(): Promise<void> {
  for (let action = undo.pop(); action; action = undo.pop()) {
    try {
      await action();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  }
}

/** Runs the registered clean-up, prints the final message and ends the process. A second call waits for the first. */
export function end(code: number, lastWords?: string): Promise<never> {
  ending ??= undoAll().then(() => {
    if (lastWords) console.error(lastWords);
    return process.exit(code);
  });
  return ending;
}

/** Whether the end has begun: what fails from then on fails because of it. */
export const isEnding = (): boolean => ending !== undefined;

/** Ends in order on Ctrl-C and on a request to stop; one signal may arrive twice (from the terminal and from the parent). */
export function endOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      if (!ending) console.error('\nStopping …');
      void end(code, 'Stopped.');
    });
  }
}
