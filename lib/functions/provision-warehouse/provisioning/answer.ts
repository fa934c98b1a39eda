import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './request';
import type { Attributes } from './resource-kinds';

/** Outcome of a request. */
export type Outcome =
  | { readonly Status: 'SUCCESS'; readonly PhysicalResourceId: string; readonly Data?: Attributes }
  | { readonly Status: 'FAILED'; readonly PhysicalResourceId: string; readonly Reason: string };

/** Tries, and the pause before each of the later ones (milliseconds): without an answer the stack waits until its own timeout. */
const PAUSES = [0, 500, 2_000];
const TRY_MILLISECONDS = 5_000;

/**
 * Hands the outcome to CloudFormation.
 *
 * @throws Error if no try succeeded; the URL, which is a credential, is not in it
 */
export async function answer(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: Address,
  outcome: Outcome,
): Promise<void> {
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome });
  let failure = '';
  for (const pause of PAUSES) {
    await sleep(pause);
    try {
      const response = await fetch(ResponseURL, {
        method: 'PUT',
        body,
        // The URL is signed for an empty type.
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(TRY_MILLISECONDS),
      });
      if (response.ok) return;
      failure = `status ${response.status}`;
    } catch (error) {
      failure = (error as Error).name;
    }
  }
  throw new Error(`CloudFormation did not take the answer for ${LogicalResourceId} (${failure}).`);
}
