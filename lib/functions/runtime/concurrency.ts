/**
 * Files that a function works on at one time. Each is up to a dozen small calls that wait for the network; this many stay within the
 * first limits of DynamoDB and S3.
 */
export const MAX_FILES_AT_ONCE = 32;

/**
 * Maps `items` by `work`, at most `limit` at a time; results in the order of the items.
 *
 * After a failure nothing new is begun, and the failure is thrown only when what was begun has ended: work must not go
 * on behind a function that has already answered (Lambda freezes it, and thaws it within the next invocation).
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const failures: unknown[] = [];

  async function worker(): Promise<void> {
    for (const [index, item] of queue) {
      if (failures.length > 0) {
        return;
      }
      try {
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) {
    throw failures[0];
  }
  return results;
}
