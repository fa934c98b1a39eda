import { createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { usualPort } from '../../local/platform/ports';

const listenOn = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

describe('the usual port of a server', () => {
  it('is the same each time, and differs from server to server', async () => {
    const port = await usualPort('tests');
    expect(await usualPort('tests')).toBe(port);
    expect(await usualPort('others')).not.toBe(port);
  });

  it('gives way to another where it is taken', async () => {
    const port = await usualPort('tests, taken');
    const taken = await listenOn(port);
    onTestFinished(() => void taken.close());
    expect(await usualPort('tests, taken')).not.toBe(port);
  });
});
