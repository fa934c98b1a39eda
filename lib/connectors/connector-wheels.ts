import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { zipOfWheels } from '../kit/locked-wheels';

const CACHE = fileURLToPath(new URL('../../.local/connector-wheels', import.meta.url));

/**
 * The connectors' libraries as a layer of Lambda holds them: installed below `python/`.
 * "Working with layers for Python Lambda functions", AWS Lambda Developer Guide.
 *
 * @param cache folder that keeps the zips
 * @returns path of the zip
 * @throws Error where the wheels are not here yet and cannot be fetched; it says what to do
 */
export function zipOfConnectorLibraries(cache = CACHE): string {
  return zipOfWheels({
    lock: 'lib/functions/run-connector/requirements.txt',
    cache,
    processor: 'aarch64',
    ending: '.zip',
    level: 6,
    // A wheel is a zip of what is to be installed; none of these has scripts that the function needs.
    content: (wheels) => ({ python: Object.assign({}, ...Object.values(wheels).map((wheel) => unzipSync(wheel))) }),
  });
}
