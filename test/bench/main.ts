/** `npm run bench`: sets up what is missing and measures the Glue jobs beside DuckDB; arguments go to bench.py (`--help`). */
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../../local/paths';
import { taskList } from '../../local/run/progress';
import { setupSteps } from '../../local/setup/steps';

const steps = setupSteps('bench');
if (steps.length > 0) await taskList(steps).run();

const bin = binOf('bench');
const { exitCode } = await execa(join(bin, 'python'), [join(ROOT, 'test/bench/bench.py'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  reject: false,
  // spark-submit finds its Python by the path.
  env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
});
process.exitCode = exitCode ?? 1;
