import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { ROOT } from '../paths';

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export const freePort = (): Promise<number> => tried(0);

/**
 * The port that a server of this checkout has in every run, if it is free; else another.
 *
 * It lies below the ports that operating systems assign by themselves, and each checkout has another.
 */
export async function usualPort(server: string): Promise<number> {
  const digest = createHash('sha256').update(`${ROOT}\n${server}`).digest();
  try {
    return await tried(20_000 + (digest.readUInt32BE() % 10_000));
  } catch {
    return freePort();
  }
}

/** Listens on the port for a moment and returns it; 0 stands for any free port. */
function tried(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
