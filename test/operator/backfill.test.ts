import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { backfill } from '../../operator/commands/backfill';
import { unwatched, type Watching } from '../../operator/watching';
import { FakeDeployment } from '../support/fake-deployment';

const OPTIONS = { prefix: 'reviews/', filesPerBatch: 2, maxRunning: 3 };
let fake: FakeDeployment;
const attempts = () => [...fake.pipeline.dynamoDb.rows.values()].map(({ attempt }) => attempt);
const yes = { agree: async () => true, watching: unwatched };

beforeEach(() => {
  fake = new FakeDeployment();
  for (let file = 0; file < 9; file += 1) fake.receive(`old/${file}.jsonl`);
});

describe('backfill', () => {
  it('shows objects, bytes, cost and time first, and starts nothing without agreement', async () => {
    let shown = '';
    const agree = async (plan: string) => {
      shown = plan;
      return false;
    };
    await expect(backfill(fake.deployment, OPTIONS, { agree, watching: unwatched })).rejects.toThrow(
      'Nothing was started',
    );
    expect(shown).toBe('9 objects, 0 MiB, in 5 executions: about $0.15 of Glue and 6 minutes.');
    expect(fake.inputs).toEqual([]);
  });

  it('takes every object once, though it is interrupted three times', async () => {
    for (const reached of [1, 2, 1]) {
      let count = 0;
      const watching: Watching = (_title, work) =>
        work(() => {
          count += 1;
          if (count === reached) throw new Error('interrupted');
        });
      await expect(backfill(fake.deployment, OPTIONS, { ...yes, watching })).rejects.toThrow('interrupted');
    }
    expect(await backfill(fake.deployment, OPTIONS, yes)).toContain('1 objects were taken by 1 executions');
    expect(attempts()).toEqual(Array(9).fill(1));
    expect(new Set(Object.values(fake.pipeline.dynamoDb.statuses()))).toEqual(new Set(['PUBLISHED']));
    expect(await backfill(fake.deployment, OPTIONS, yes)).toContain('the ledger knows every object');
    expect(fake.inputs.every(({ triggeredBy }) => triggeredBy === 'backfill')).toBe(true);
  });

  it('takes an object once that is announced a second time before the ledger knows it', async () => {
    await Promise.all([backfill(fake.deployment, OPTIONS, yes), backfill(fake.deployment, OPTIONS, yes)]);
    expect(attempts()).toEqual(Array(9).fill(1));
  });

  it('leaves out what is older or newer than asked', async () => {
    const { objects } = JSON.parse(
      await backfill(fake.deployment, { ...OPTIONS, from: new Date('2026-11-22'), json: true }, yes),
    );
    expect(objects).toBe(0);
  });

  it('never lets more executions run than it may', async () => {
    const running = [{}, {}, {}] as never[];
    fake.sfn.on(ListExecutionsCommand).resolvesOnce({ executions: running }).resolves({ executions: [] });
    await backfill(fake.deployment, { ...OPTIONS, filesPerBatch: 100 }, yes);
    expect(fake.sfn.commandCalls(ListExecutionsCommand)).toHaveLength(2);
    expect(fake.inputs).toHaveLength(1);
  });

  it('refuses a prefix that the intake does not take', async () => {
    await expect(backfill(fake.deployment, { ...OPTIONS, prefix: 'archive/' }, yes)).rejects.toThrow(
      'reviews/native/2024/',
    );
  });
});
