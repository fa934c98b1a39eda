import { readFileSync } from 'node:fs';

const { parts, needs } = JSON.parse(readFileSync(new URL('parts.json', import.meta.url), 'utf8'));

/** Folder of each part, from the repository's top. */
export const folderOf = (name) => parts[name].folder;

/** What a command line is in `parts.json`. A wrong name is left to the command itself, which refuses it. */
export function commandsOf(command, args) {
  if (command !== 'local') return [command];
  const words = args.flatMap((arg) => arg.split('='));
  const sources = words.includes('--with') ? (words[words.indexOf('--with') + 1] ?? '').split(',') : [];
  const usual = words.includes('--no-airflow') ? 'local --no-airflow' : 'local';
  return [usual, ...sources.map((name) => `local --with ${name}`)].filter((name) => name in needs);
}

/** Commands whose servers are large and asked for by few: `setup` leaves them out, and their first run installs them. */
const ON_DEMAND = [
  'test:sources',
  'bench connector-memory',
  ...['mysql', 'mongodb', 'cassandra', 'azure', 'gcs'].map((name) => `local --with ${name}`),
];

/**
 * Names of the parts that each command needs; `setup` needs those of all commands but a few. A checks' environment contains that of
 * its component.
 */
export function needsOf(...commands) {
  const usual = Object.keys(needs).filter((name) => !ON_DEMAND.includes(name));
  const all = commands.includes('setup') ? usual : commands;
  const names = new Set(all.flatMap((command) => needs[command]));
  return [...names].filter((name) => !names.has(`${name}-dev`));
}

const megabytes = (figure) => `${String(figure).padStart(5)} MB`;

/** Download rate of a 100 Mbit/s line, and measured rate of unpacking and compiling on two cores (megabytes per second). */
const DOWNLOAD_SPEED = 12;
const INSTALL_SPEED = 18;

/**
 * Says what will be installed, how big it is and how long it may take, before anything is.
 *
 * @param {readonly string[]} names of the parts that are missing
 * @returns {string}
 */
export function announcement(names) {
  const missing = names.map((name) => parts[name]);
  const sum = (figure) => missing.reduce((total, part) => total + part[figure], 0);
  const [download, disk] = [sum('downloadMegabytes'), sum('diskMegabytes')];
  const minutes = Math.ceil((download / DOWNLOAD_SPEED + disk / INSTALL_SPEED) / 60);
  const width = Math.max(...missing.map(({ what }) => what.length), 'together'.length);
  const line = (what, ...sizes) => `  ${what.padEnd(width)} ${sizes.map(megabytes).join('')}`;
  return [
    'To be installed first, into node_modules/ and .local/ and nowhere else:',
    `  ${''.padEnd(width)} download on disk`,
    ...missing.map((part) => line(part.what, part.downloadMegabytes, part.diskMegabytes)),
    line('together', download, disk),
    `This happens once, and takes about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} on a line of 100 Mbit/s.`,
  ].join('\n');
}
