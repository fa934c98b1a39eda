import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../lib/functions/snowflake/connection';
import { readCredentials } from '../../../lib/functions/snowflake/credentials';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const secret = { account: 'ORG-ACCOUNT', user: 'DEPLOYER', privateKey };
const secrets = mockClient(SecretsManagerClient);
const keyLines = privateKey.split('\n').filter((line) => line.length > 20);

const stored = (value: unknown) =>
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: typeof value === 'string' ? value : JSON.stringify(value) });

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const { message } = await work.then(
    () => new Error('it succeeded'),
    (error: Error) => error,
  );
  for (const line of keyLines) expect(message).not.toContain(line.slice(5, 25));
  return message;
}

beforeEach(() => {
  secrets.reset();
});

describe('the secret with the login to Snowflake', () => {
  it('says how to log in', async () => {
    stored({ ...secret, role: 'PROVISIONER' });
    expect(await readCredentials('reviews/test/snowflake')).toEqual({ ...secret, role: 'PROVISIONER' });
  });

  it.each([
    ['no JSON', `{"privateKey": "${privateKey}`, '(all): '],
    [
      'a key that is none',
      { ...secret, privateKey: `${privateKey.slice(0, 300)}…` },
      'privateKey: expected an unencrypted RSA',
    ],
    ['no key', { account: 'A', user: 'B' }, 'privateKey: '],
    ['a public key', { ...secret, privateKey: undefined, publicKey: privateKey }, 'privateKey: '],
    ['no user', { ...secret, user: '' }, 'user: '],
  ])('with %s is an error that names the place and repeats no value', async (_what, value, place) => {
    stored(value);
    const reason = await reasonOf(readCredentials('reviews/test/snowflake'));
    expect(reason).toMatch(/^Secret reviews\/test\/snowflake is not as expected: /);
    expect(reason).toContain(place);
  });

  it('that is missing is an error with what to do', async () => {
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { name: 'ResourceNotFoundException' }));
    expect(await reasonOf(readCredentials('reviews/test/snowflake'))).toBe(
      'Secret reviews/test/snowflake cannot be read: ResourceNotFoundException. Create it before the deployment, in the same account and region (docs/deploy.md, step 4).',
    );
  });
});

describe('a login to Snowflake', () => {
  let server: Server;
  let sockets: Socket[];
  let accessUrl: string;

  /** A server that takes connections and does this with each. */
  async function listen(treat: (socket: Socket) => void): Promise<void> {
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      treat(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    accessUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('that is not answered ends before its timeout', async () => {
    await listen(() => {});
    const began = Date.now();
    expect(await reasonOf(connect({ ...secret, accessUrl }, 1_500))).toBe(
      'Login to Snowflake account ORG-ACCOUNT as DEPLOYER failed: no answer after 2 s.',
    );
    // By its own timeout, not by the driver's, which is minutes.
    expect(Date.now() - began).toBeLessThan(30_000);
  });

  it('that is refused says why', async () => {
    const body = JSON.stringify({ data: null, code: '390144', message: 'JWT token is invalid.', success: false });
    await listen((socket) =>
      socket.once('data', () =>
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      ),
    );
    expect(await reasonOf(connect({ ...secret, accessUrl }, 30_000))).toBe(
      "Login to Snowflake account ORG-ACCOUNT as DEPLOYER failed: 390144 JWT token is invalid. Set the user's RSA_PUBLIC_KEY to the public half of the secret's privateKey.",
    );
  });
});
