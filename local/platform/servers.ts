import type { LaunchedServer } from './child-server';

export type Stoppable = Pick<LaunchedServer, 'stop'>;

/** The servers of a platform, which end together. */
export class Servers {
  private readonly running: Stoppable[] = [];
  private stopping = false;

  /** @param onProcess given each server as soon as it runs */
  constructor(private readonly onProcess: (server: Stoppable) => void = () => {}) {}

  /** Adds a server that is starting. A server added while the others stop is stopped too. */
  async add<Server extends Stoppable>(launched: Promise<Server>): Promise<Server> {
    const server = await launched;
    this.running.push(server);
    this.onProcess(server);
    if (this.stopping) await server.stop();
    return server;
  }

  /** Ends all servers, the newest first: it may use the older ones. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const server of this.running.toReversed()) await server.stop();
  }
}
