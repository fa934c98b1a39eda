/**
 * Measures `npm run local` by step, and the memory of all its processes: its sample with and without Airflow, a thousand small
 * files, 117 larger ones, and real files where a folder of them is named.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCAL, ROOT } from '../../local/paths';
import type { RunReport, RunSeconds } from '../../local/run/result';
import { atEnd } from '../../local/run/shutdown';
import { describeFigures, type Figure, writeFigures } from './figures';
import { MemoryWatch } from './memory';

/** At most, on a quiet machine with two cores: seconds of a run's steps. */
type Aims = Partial<RunSeconds>;

/** All processes at the peak (MiB). */
const MEMORY_AIM = 3072;

const SMALL_FILES = { count: 1000, reviews: 10, bodyCharacters: 20 } as const;

/** Files of a larger drop: 35 MB together. */
const LARGER_FILES = { count: 117, reviews: 300, bodyCharacters: 800 } as const;

interface DroppedFiles {
  readonly count: number;
  /** In each file. */
  readonly reviews: number;
  readonly bodyCharacters: number;
}

export interface LocalBenchOptions {
  /** Files or folder of real reviews, run as well. */
  readonly files?: string;
  /** File for the figures, as JSON. */
  readonly report?: string;
}

/** One run of the command, with what follows its name. */
async function measure(what: string, folder: string, args: readonly string[], aims: Aims): Promise<Figure[]> {
  console.log(`${what} …`);
  const report = join(folder, 'report.json');
  const command = [join(ROOT, 'local/bootstrap.mjs'), 'local', '--report', report, ...args];
  const run = execa('node', command, { cwd: ROOT, all: true });
  const memory = new MemoryWatch(run.pid as number);
  await run;
  const { seconds } = JSON.parse(readFileSync(report, 'utf8')) as RunReport;
  const steps = Object.entries(seconds) as [keyof RunSeconds, number][];
  return [
    ...steps.map(([step, value]): Figure => {
      const aim = aims[step];
      return { what: `${what}: ${step}`, value, unit: 's', ...(aim !== undefined && { aim }) };
    }),
    { what: `${what}: memory`, value: await memory.peak(), unit: 'MiB', aim: MEMORY_AIM },
  ];
}

/** Writes files of reviews, each review once. */
function writeFiles(folder: string, { count, reviews, bodyCharacters }: DroppedFiles): string {
  mkdirSync(join(folder, 'native'), { recursive: true });
  for (let file = 0; file < count; file += 1) {
    const lines = Array.from({ length: reviews }, (_, number) =>
      JSON.stringify({
        review_id: `${file}-${number}`,
        product: { product_id: `P-${file % 50}` },
        reviewer: { reviewer_id: `R-${number}` },
        rating: 1 + (number % 5),
        body: 'Does what it says. '.repeat(Math.ceil(bodyCharacters / 19)),
        created_at: '2026-05-04T10:00:00Z',
      }),
    );
    writeFileSync(join(folder, 'native', `${file}.jsonl`), `${lines.join('\n')}\n`);
  }
  return folder;
}

function emptyFolder(): string {
  const folder = join(LOCAL, 'bench', 'local');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const measureSample = async (folder: string): Promise<Figure[]> => [
  ...(await measure('sample', folder, [], { total: 60 })),
  ...(await measure('sample, no Airflow', folder, ['--no-airflow'], { total: 30 })),
];

async function measureFiles(folder: string, files: string | undefined): Promise<Figure[]> {
  const small = writeFiles(join(folder, 'small'), SMALL_FILES);
  const larger = writeFiles(join(folder, 'larger'), LARGER_FILES);
  return [
    ...(await measure('1,000 files', folder, ['--no-airflow', small], { process: 60 })),
    ...(await measure('117 files, 35 MB', folder, ['--no-airflow', larger], { process: 25 })),
    ...(files ? await measure('real files', folder, ['--no-airflow', files], { process: 25 }) : []),
  ];
}

function show(figures: readonly Figure[], report: string | undefined): void {
  console.log(`\n${describeFigures(figures)}`);
  if (report) writeFigures(report, figures);
}

/** Measures the sample and many files, and prints the figures. */
export async function localBench({ files, report }: LocalBenchOptions): Promise<void> {
  const folder = emptyFolder();
  show([...(await measureSample(folder)), ...(await measureFiles(folder, files))], report);
}

/** Measures many files alone, and prints the figures. */
export async function filesBench({ files, report }: LocalBenchOptions): Promise<void> {
  show(await measureFiles(emptyFolder(), files), report);
}
