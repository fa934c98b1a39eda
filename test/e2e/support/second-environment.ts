import { synthesise } from '../../../local/platform/synthesise';

const APP = 'test/e2e/support/second-app.ts';

/** Synthesises the second environment; an assembly that is there already is used again. */
export const synthesiseSecond = (): Promise<string> => synthesise('second', APP);

/** And one that starts an execution for each file, of which few run at a time. */
export const synthesiseBounded = (): Promise<string> => synthesise('bounded', APP);
