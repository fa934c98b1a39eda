import { synthesise } from '../../../local/platform/synthesise';

/** Synthesises the second environment; an assembly that is there already is used again. */
export const synthesiseSecond = (): Promise<string> => synthesise('second', 'test/e2e/support/second-app.ts');
