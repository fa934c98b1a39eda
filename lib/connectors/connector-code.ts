import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CONNECTORS_FOLDER } from '../contracts/connectors';
import { bundledHere } from '../kit/local-bundling';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'lib/functions/run-connector';

/** What runs; tests and installations leave more in the folder. */
const IS_CODE = /^(handler\.py|connector(\/[^/]+\.py)?)$/;

/** The code of the connectors' functions, the same for all of them. */
export function connectorCode(): Code {
  return Code.fromAsset(join(TOP, FOLDER), bundledHere(copyConnectorCode));
}

/** Copies the code into a folder, with the contracts where it reads them. */
export function copyConnectorCode(folder: string): void {
  const top = join(TOP, FOLDER);
  const filter = (path: string): boolean => path === top || IS_CODE.test(path.slice(top.length + 1));
  cpSync(top, folder, { recursive: true, filter });
  cpSync(join(TOP, CONNECTORS_FOLDER), join(folder, CONNECTORS_FOLDER), { recursive: true });
}
