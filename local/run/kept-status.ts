import { status } from '../../operator/commands/status';
import { connectLocally } from '../../operator/deployment';
import { addresses } from './addresses';
import { keptRuns } from './kept';

/** How far back files are shown (milliseconds). */
const SINCE_MS = 24 * 3_600_000;

/** Every run that is kept up, where it answers, and how its files are getting on. */
export async function keptStatus(): Promise<string> {
  const runs = keptRuns();
  if (runs.length === 0) return 'No run is kept up on this machine.\n\nNext: npm run local -- --keep';
  const texts = runs.map(async (run) => {
    const since = new Date(Date.now() - SINCE_MS);
    const files = await status(await connectLocally(run.endpoint), { since });
    return `Run ${run.folder}, process ${run.pid}:\n${addresses(run)}\n\n${files}`;
  });
  return [...(await Promise.all(texts)), 'Next: npm run local -- drop PATH, or npm run local -- stop'].join('\n\n');
}
