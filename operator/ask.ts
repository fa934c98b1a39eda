import { createInterface } from 'node:readline/promises';
import { OperatorError } from './operator-error';

/**
 * Asks the person at the terminal.
 *
 * @returns what was typed
 * @throws OperatorError where nobody is there to answer
 */
export async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new OperatorError(`${question}\nNobody is there to answer.`, 'Give --yes where a program runs the command.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

/** Shows what is about to happen and asks for permission; with `yes` it shows and does not ask. */
export async function agreed(plan: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) {
    console.error(plan);
    return true;
  }
  return /^y(es)?$/i.test(await ask(`${plan}\nGo on? (y/n) `));
}
