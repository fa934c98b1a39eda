import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports';

/** Where a run's Airflow answers and who may log in. Both are chosen before it starts, because other parts need them by then. */
export interface AirflowAddress {
  readonly endpoint: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** JSON file `{user: password}`, as Airflow's simple auth manager reads it. */
  readonly passwords: string;
}

/**
 * Chooses port and password of a run's Airflow.
 *
 * @param folder where the password file goes
 */
export async function newAirflowAddress(folder: string): Promise<AirflowAddress> {
  const [port, user, password] = [await freePort(), 'admin', randomBytes(9).toString('base64url')];
  mkdirSync(folder, { recursive: true });
  const passwords = join(folder, 'passwords.json');
  writeFileSync(passwords, JSON.stringify({ [user]: password }), { mode: 0o600 });
  return { endpoint: `http://127.0.0.1:${port}`, port, user, password, passwords };
}
