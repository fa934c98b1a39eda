import { join } from 'node:path';
import { buildPresentation } from './build-presentation';
import { hasAirflow } from './dag-runs';
import { startDbt } from './dbt';
import { filesToDrop } from './drop';
import { endedWell } from './file-result';
import { newestKept } from './kept';
import { nextStep } from './next-step';
import { processFiles } from './progress';
import { describeFiles } from './result';

/**
 * Drops files into the run that is kept up, prints what happened to each as a run does, and builds the presentation tables.
 *
 * @returns the exit status, as that of a run
 */
export async function dropIntoKept(
  paths: readonly string[],
  { source, build }: { readonly source?: string; readonly build: boolean },
): Promise<number> {
  const kept = newestKept();
  const { results } = await processFiles(kept, filesToDrop(paths, source));
  console.log(`\n${describeFiles(results, kept.folder)}\n`);
  const published = results.some(({ status }) => status === 'PUBLISHED');
  let built = true;
  if (published && build) {
    const made = await buildPresentation(kept, hasAirflow(kept) ? undefined : startDbt(), join(kept.folder, 'dbt'));
    console.log(`dbt: ${made.passed} models and tests passed, ${made.failed} failed, ${made.warned} warned.\n`);
    if (!made.succeeded) console.log(made.output);
    built = made.succeeded;
  } else if (published) {
    console.log(
      hasAirflow(kept)
        ? 'The presentation tables do not show these files yet: Airflow builds them in a minute or two.\n'
        : 'The presentation tables do not show these files: the next "drop" without --no-build builds them.\n',
    );
  }
  console.log(nextStep(results, { kept: true }));
  return built && results.every(endedWell) ? 0 : 1;
}
