import { describe, expect, it, vi } from 'vitest';
import type { WarehouseSession } from '../../../local/platform/warehouse';
import { lazyWarehouse, oneByOne } from '../../../operator/page/warehouse';

describe("the page's session in the warehouse", () => {
  it('asks one query after the other, also after one that failed', async () => {
    let atOnce = 0;
    const query = oneByOne(async (sql) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise((wake) => setTimeout(wake, 1));
      atOnce -= 1;
      if (sql === 'wrong') throw new Error('no such table');
      return [{ SQL: sql }];
    });
    const answers = await Promise.allSettled(['a', 'wrong', 'b'].map(query));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is opened once for all who ask, and again after it could not be opened', async () => {
    const session = { query: async () => ({ columns: [], rows: [] }) } as unknown as WarehouseSession;
    const open = vi
      .fn<() => Promise<WarehouseSession>>()
      .mockRejectedValueOnce(new Error('refused'))
      .mockResolvedValue(session);
    const warehouse = lazyWarehouse('REVIEWS', open);
    await expect(warehouse()).rejects.toThrow('refused');
    await Promise.all([warehouse(), warehouse()]);
    expect(open).toHaveBeenCalledTimes(2);
  });
});
