import { timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';

const COOKIE = 'reviews-page';

/** Limits of the page in a browser: it runs and loads only what this server serves. */
export const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // There is no TLS on the loopback interface.
  strictTransportSecurity: false,
});

/** Refuses every method that could change something: the page only reads. */
export const readOnly: MiddlewareHandler = async (context, next) => {
  if (!['GET', 'HEAD'].includes(context.req.method)) {
    return context.json({ error: 'This page only reads: GET and HEAD.' }, 405, { allow: 'GET, HEAD' });
  }
  await next();
};

/**
 * Refuses requests under another name than the loopback interface's: a page of the internet whose name is made to resolve to
 * 127.0.0.1 (DNS rebinding) would read this one through the user's browser.
 */
export const ownHostOnly: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
    return context.json({ error: 'This page answers as 127.0.0.1 and localhost only.' }, 421);
  }
  await next();
};

/** Asks for the token, because every user of the machine reaches the loopback interface. The address carries it once; a cookie keeps it. */
export function tokenOnly(token: string): MiddlewareHandler {
  const expected = Buffer.from(token);
  const matches = (given: string | undefined): boolean => {
    const bytes = Buffer.from(given ?? '');
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  };
  return async (context, next) => {
    if (matches(context.req.query('token'))) {
      setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return context.redirect('/');
    }
    if (!matches(getCookie(context, COOKIE))) {
      return context.json({ error: 'Open the page by the whole address that the command line has printed.' }, 403);
    }
    await next();
  };
}
