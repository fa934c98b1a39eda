import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of InvokeRestApi, as it came. */
export interface InvokedCall {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly Method: string;
    readonly Path: string;
    readonly QueryParameters?: Record<string, string>;
    readonly Body?: unknown;
  };
}

/** An answer of the server: its status and its text, which may never come. */
export interface FakeAnswer {
  readonly status: number;
  readonly text: string;
  readonly hang?: boolean;
}

/** What InvokeRestApi answers for something that Airflow said. */
export function airflowSays(statusCode: number, response: unknown): FakeAnswer {
  const text = JSON.stringify({ RestApiStatusCode: statusCode, RestApiResponse: response });
  // Errors of Airflow are exceptions of InvokeRestApi, which have status 400.
  return { status: statusCode < 400 ? 200 : 400, text };
}

/** What MWAA answers without having asked Airflow. */
export function mwaaSays(status: number, message: string): FakeAnswer {
  return { status, text: JSON.stringify({ message }) };
}

/** MWAA's API for what is inside environments, with an Airflow that answers by hand. */
export class FakeAirflow {
  readonly calls: InvokedCall[] = [];
  /** Answers a call by its method and path. */
  answer: (call: InvokedCall['body']) => FakeAnswer = () => airflowSays(404, { detail: 'Not Found' });
  private server: Server | undefined;

  /** Starts to listen, and returns the address. */
  async start(): Promise<string> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      this.calls.push({ url: request.url ?? '', headers: request.headers, body });
      const { status, text, hang } = this.answer(body);
      if (!hang) response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
    });
    this.server = server;
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((closed) => this.server?.close(closed));
  }
}
