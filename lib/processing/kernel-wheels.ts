import { fileURLToPath } from 'node:url';
import { zipOfWheels } from '../kit/locked-wheels';

const CACHE = fileURLToPath(new URL('../../.local/kernel-wheels', import.meta.url));

/**
 * The kernel's wheels as AWS Glue takes them: one zip of `wheels/*.whl` and `wheels/requirements.txt`.
 *
 * @param cache folder that keeps the zips
 * @returns path of the zip
 * @throws Error where the wheels are not here yet and cannot be fetched; it says what to do
 */
export function zipOfKernelWheels(cache = CACHE): string {
  return zipOfWheels({
    lock: 'glue-scripts/requirements-kernel.txt',
    cache,
    processor: 'x86_64',
    ending: '.gluewheels.zip',
    level: 0,
    content: (wheels, lock) => ({ wheels: { ...wheels, 'requirements.txt': new TextEncoder().encode(pins(lock)) } }),
  });
}

/**
 * The lock's requirements without their hashes: pip has checked those, and refuses whatever else Glue may install in the same
 * command as long as it has none.
 */
function pins(lock: string): string {
  const found = [...lock.matchAll(/^[\w.-]+==[^\s\\]+/gm)].map(([pin]) => pin);
  return `${found.join('\n')}\n`;
}
