import { keepParsedProject } from '../platform/parsed-project';
import { taskList } from '../task-list';
import { type BuildTarget, hasAirflow } from './dag-runs';
import type { StartedDbt } from './dbt';
import type { DbtBuild } from './dbt-results';
import { buildOf, runThatSees } from './orchestrated-build';
import { whenExternalTablesAreRefreshed } from './presentation-tables';

/**
 * Waits until the presentation tables are built and tested from what has been published: by Airflow, which the event triggers, or
 * directly by dbt.
 *
 * @param dbt a dbt that was started ahead, where the platform has no Airflow
 * @param folder for what dbt writes
 */
export async function buildPresentation(
  platform: BuildTarget,
  dbt: StartedDbt | undefined,
  folder: string,
): Promise<DbtBuild> {
  let build: DbtBuild | undefined;
  await taskList([
    {
      title: hasAirflow(platform)
        ? 'Build the presentation tables: Airflow runs dbt'
        : 'Build the presentation tables with dbt',
      task: async (_context, task) => {
        task.output = 'waiting until the external tables show every file';
        await whenExternalTablesAreRefreshed(platform);
        if (hasAirflow(platform)) {
          const visibleAt = new Date();
          await platform.airflow.ready();
          const run = await runThatSees(platform, visibleAt, (state) => {
            if (state !== task.output) task.output = state;
          });
          build = await buildOf(platform, run);
          await keepParsedProject(platform.aws.s3, platform.airflow.outputs.AirflowBucketName);
        } else if (dbt) {
          build = await dbt.build(platform, folder, (line) => {
            if (process.stdout.isTTY) task.output = line;
          });
        }
      },
    },
  ]).run();
  return build as DbtBuild;
}
