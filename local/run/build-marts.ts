import type { Platform } from '../platform/platform';
import { hasAirflow } from './dag-runs';
import { dbtBuild } from './dbt';
import type { DbtBuild } from './dbt-results';
import { whenTablesHaveHeard } from './marts';
import { buildOf, runThatSees } from './orchestrated-build';
import { taskList } from './progress';

/**
 * Waits until the marts are built and tested from what has been published: by Airflow, told by the event, or by dbt at once.
 *
 * @param folder for what dbt writes
 */
export async function buildMarts(platform: Platform, folder: string): Promise<DbtBuild> {
  let build: DbtBuild | undefined;
  await taskList([
    {
      title: hasAirflow(platform) ? 'Build the marts: Airflow runs dbt' : 'Build the marts with dbt',
      task: async (_context, task) => {
        task.output = 'waiting until the external tables have heard of every file';
        await whenTablesHaveHeard(platform);
        if (hasAirflow(platform)) {
          const visibleAt = new Date();
          await platform.airflow.ready();
          const run = await runThatSees(platform, visibleAt, (state) => {
            if (state !== task.output) task.output = state;
          });
          build = await buildOf(platform, run);
        } else {
          build = await dbtBuild(platform, folder, (line) => {
            if (process.stdout.isTTY) task.output = line;
          });
        }
      },
    },
  ]).run();
  return build as DbtBuild;
}
