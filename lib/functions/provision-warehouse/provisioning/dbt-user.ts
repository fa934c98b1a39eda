import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import type { WarehouseNames } from '../../../contracts/warehouse-names';
import type { Session } from '../../snowflake/session';
import { dbtUserOptions, type KeySlot, setDbtUser, setKey, unsetKey } from '../../snowflake/sql/dbt-user';
import { ensure } from '../../snowflake/sql/ownership';
import { sql } from '../../snowflake/sql/quoting';
import { type DbtLogin, readDbtLogin, writeDbtLogin } from './dbt-login';

/** Length of a new key (bits); Snowflake takes 2,048 or more. */
const KEY_BITS = 2048;

type MadeKeys = Extract<DatabaseProperties['DbtUser']['Keys'], { SecretArn: string }>;

/** Makes the user of dbt, which logs in by key only (type SERVICE), and gives it its keys. */
export async function provideDbtUser(
  session: Session,
  names: WarehouseNames,
  properties: DatabaseProperties,
): Promise<void> {
  const options = dbtUserOptions(names, properties);
  await ensure(session, 'USER', names.dbtUser, properties.Owner, sql`TYPE = SERVICE ${options}`);
  await session.runAll(setDbtUser(names, options));
  const { Keys } = properties.DbtUser;
  if ('SecretArn' in Keys) return provideKeyPair(session, names, Keys);
  await session.run(setKey(names, 1, Keys.PublicKey));
  await session.run(Keys.PublicKey2 ? setKey(names, 2, Keys.PublicKey2) : unsetKey(names, 2));
}

/**
 * Sees to it that the secret holds a key that opens. A new key goes into the slot that the key in use does not have, and into the secret
 * once Snowflake knows it: at every moment the secret's key opens, and a dbt that has read the one before it goes on ("Key-pair
 * authentication and key-pair rotation", Snowflake user guide). Interrupted in between, the next try fills the same slot.
 */
async function provideKeyPair(session: Session, names: WarehouseNames, keys: MadeKeys): Promise<void> {
  const generation = Number(keys.Generation);
  const kept = await readDbtLogin(keys.SecretArn);
  const current = kept && isFor(session, names, kept) ? kept : undefined;
  // Not lower either: a rollback to the setting before keeps the newer key.
  if (current && current.keyGeneration >= generation) {
    await session.run(setKey(names, current.keySlot, publicKeyOf(current.privateKey)));
    return;
  }
  const keySlot: KeySlot = current?.keySlot === 1 ? 2 : 1;
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await session.run(setKey(names, keySlot, publicKeyOf(privateKey)));
  const login = { ...session.address, user: names.dbtUser, privateKey, keySlot, keyGeneration: generation };
  await writeDbtLogin(keys.SecretArn, login);
}

/** Whether a kept login is that of this user at this Snowflake. */
function isFor({ address }: Session, { dbtUser }: WarehouseNames, kept: DbtLogin): boolean {
  return kept.user === dbtUser && kept.account === address.account && kept.accessUrl === address.accessUrl;
}

/** Base64 of a private key's public half, as Snowflake wants it. */
function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}
