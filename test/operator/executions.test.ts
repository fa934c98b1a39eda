import { describe, expect, it } from 'vitest';
import { statesIn } from '../../operator/executions';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 26, 10, 0, second));
const entered = (name: string, second: number) => ({
  id: second,
  type: 'TaskStateEntered' as const,
  timestamp: at(second),
  stateEnteredEventDetails: { name },
});
const exited = (name: string, second: number) => ({
  id: second,
  type: 'TaskStateExited' as const,
  timestamp: at(second),
  stateExitedEventDetails: { name },
});

describe('the states of an execution', () => {
  it('are those that its history says it has entered, with when it left each', () => {
    const events = [entered('Register files', 1), exited('Register files', 3), entered('Clean reviews', 3)];
    expect(statesIn(events)).toEqual([
      { name: 'Register files', enteredAt: at(1), leftAt: at(3) },
      { name: 'Clean reviews', enteredAt: at(3), leftAt: null },
    ]);
  });

  it('come twice where one was entered twice', () => {
    const events = [entered('A', 1), exited('A', 2), entered('A', 3), exited('A', 5)];
    expect(statesIn(events).map(({ leftAt }) => leftAt)).toEqual([at(2), at(5)]);
  });
});
