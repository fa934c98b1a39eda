import chromium from '@sparticuz/chromium';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, launch, type Page } from 'puppeteer-core';

/** Starts a headless browser of the packages. */
export const launchBrowser = async (): Promise<Browser> =>
  launch({
    executablePath: await chromium.executablePath(),
    // It has no sandbox where it runs as root, as in a container; it opens nothing but the page under test.
    args: [...chromium.args, '--no-sandbox'],
    headless: 'shell',
  });

/** Collects what the page complains about: errors of its scripts, refused loads, violations of its policy. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  return complaints;
}

/** What axe finds against WCAG 2.2, levels A and AA: rule and place. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts of others: the debugger's isolated way of evaluating does not fall under it.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  )) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
}
