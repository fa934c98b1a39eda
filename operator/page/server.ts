import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { failureLine } from '../failures';
import { readSince } from '../since';
import { bundleClient } from './client-bundle';
import { headers, ownHostOnly, readOnly, tokenOnly } from './guard';
import { executions, fileLives, files, overview, type PageSubject, presentation, quality, states } from './views';

/** How long an answer is kept for the same question (milliseconds), so that more tabs make no more calls. */
const FRESH_MS = 2000;

/** A page while it is served. */
export interface ServedPage {
  /** The address with the token, to be opened in a browser. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PageOptions {
  /** @default - a new one */
  readonly token?: string;
  /** Figures in Prometheus' form. @default - no path /metrics */
  readonly metrics?: () => Promise<string>;
}

const asset = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'client', name), 'utf8');

/** Gives the same answer to all requests within a short time. */
function shared<T>(answer: (argument: string) => Promise<T>): (argument: string) => Promise<T> {
  const kept = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return (argument) => {
    const now = Date.now();
    for (const [key, { until }] of kept) if (until < now) kept.delete(key);
    const found = kept.get(argument) ?? { until: now + FRESH_MS, answer: answer(argument) };
    kept.set(argument, found);
    return found.answer;
  };
}

/** The page's application: its routes and their answers. It writes nothing. */
export function pageApp(subject: PageSubject, token: string, { metrics }: PageOptions = {}): Hono {
  const app = new Hono();
  app.use(headers, readOnly, ownHostOnly);
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  // Before the check of the token: Prometheus has none, and the figures name nobody.
  if (metrics) app.get('/metrics', async (context) => context.text(await metrics()));
  app.use(tokenOnly(token));

  const bundle = bundleClient();
  // Whoever asks for it hears of a failure; until then it must not end this process.
  bundle.catch(() => {});
  app.get('/', async (context) => context.html(await asset('index.html')));
  app.get('/style.css', async (context) => context.body(await asset('style.css'), 200, { 'content-type': 'text/css' }));
  app.get('/icon.svg', async (context) =>
    context.body(await asset('icon.svg'), 200, { 'content-type': 'image/svg+xml' }),
  );
  app.get('/page.js', async (context) => context.body(await bundle, 200, { 'content-type': 'text/javascript' }));

  const bySince = (path: string, view: (subject: PageSubject, since: Date) => Promise<unknown>): void => {
    const answer = shared((since) => view(subject, readSince(since)));
    app.get(path, async (context) => context.json(await answer(context.req.query('since') ?? '30d')));
  };
  bySince('/api/overview', overview);
  bySince('/api/executions', executions);
  bySince('/api/files', files);
  bySince('/api/quality', quality);
  const presentationOnce = shared(() => presentation(subject));
  app.get('/api/presentation', async (context) => context.json(await presentationOnce('')));
  app.get('/api/file', async (context) => context.json(await fileLives(subject, context.req.query('key') ?? '')));
  app.get('/api/states', async (context) => context.json(await states(subject, context.req.query('arn') ?? '')));

  app.notFound((context) => context.json({ error: 'There is nothing under this address.' }, 404));
  app.onError((error, context: Context) => context.json({ error: failureLine(error) }, 503));
  return app;
}

/** Serves the page on the loopback interface, on a free port. */
export function servePage(subject: PageSubject, options: PageOptions = {}): Promise<ServedPage> {
  const token = options.token ?? randomBytes(16).toString('base64url');
  const { promise, resolve, reject } = Promise.withResolvers<ServedPage>();
  const { fetch } = pageApp(subject, token, options);
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
    resolve({
      url: `http://127.0.0.1:${port}/?token=${token}`,
      stop: () =>
        new Promise((stopped) => {
          server.close(() => stopped());
          if ('closeAllConnections' in server) server.closeAllConnections();
        }),
    }),
  );
  server.on('error', reject);
  return promise;
}
