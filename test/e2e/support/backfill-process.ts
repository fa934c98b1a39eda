/** A backfill in a process of its own, which a test can kill: `backfill-process.ts ENDPOINT PREFIX`. */
import { backfill } from '../../../operator/commands/backfill';
import { connectLocally } from '../../../operator/deployment';

const [endpoint = '', prefix = ''] = process.argv.slice(2);
const options = { prefix, filesPerBatch: 6, maxRunning: 2 };
await backfill(await connectLocally(endpoint), options, {
  agree: async () => true,
  watching: (_title, work) => work((line) => console.log(line)),
});
