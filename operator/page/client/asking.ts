import { useEffect, useState } from 'preact/hooks';
import type { Refusal } from '../answers';

/** State of an answer: not there yet, the newest one, or the reason why there is none. An older answer stays beside an error. */
export interface Asked<T> {
  readonly answer?: T;
  readonly error?: string;
}

const GONE = 'The page’s server does not answer: the run or the command that served it has ended. Start it again.';

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(path).catch(() => {
    throw new Error(GONE);
  });
  const body = (await response.json()) as T & Partial<Refusal>;
  if (!response.ok) throw new Error(body.error ?? `The server answered ${response.status}.`);
  return body;
}

/**
 * Asks the server now, and regularly while the page is visible.
 *
 * @param path null asks for nothing
 */
export function useAnswer<T>(path: string | null, everySeconds: number): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { path: string | null }>({ path });
  useEffect(() => {
    if (path === null) return;
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          const answer = await ask<T>(path);
          if (!ended) setAsked({ path, answer });
        } catch (error) {
          const { message } = error as Error;
          if (!ended) setAsked((before) => ({ ...(before.path === path ? before : { path }), error: message }));
        }
      }
      if (!ended) timer = setTimeout(look, everySeconds * 1000);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [path, everySeconds]);
  return asked.path === path ? asked : {};
}
