#!/usr/bin/env node
/**
 * First step of every command of the project (`npm run local`, `npm test`, …). Runs on whatever Node the machine has, with
 * nothing installed: checks the prerequisites, installs the npm packages where package-lock.json has changed, and hands over to
 * the project's own Node and TypeScript.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { announcement, commandsOf, folderOf, needsOf } from './setup/announcement.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = {
  local: 'local/main.ts',
  setup: 'local/setup/main.ts',
  test: 'test/run.ts',
  'test:sources': 'test/sources.ts',
  bench: 'test/bench/main.ts',
  docs: 'docs/site/build.ts',
  reviews: 'operator/main.ts',
};

/** First number after the given text in what a command prints, or undefined where there is no such command. */
function versionOf(command, args, pattern) {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  return run.error || run.status !== 0
    ? undefined
    : pattern
        .exec(run.stdout + run.stderr)
        ?.slice(1)
        .map(Number);
}

function missingPrerequisites() {
  const missing = [];
  const [nodeMajor] = process.versions.node.split('.').map(Number);
  if (nodeMajor < 20) missing.push(`Node.js 20 or newer (found ${process.versions.node}): https://nodejs.org`);
  const python = versionOf('python3', ['--version'], /Python (\d+)\.(\d+)/);
  if (!python || python[0] < 3 || (python[0] === 3 && python[1] < 11)) {
    missing.push(
      `Python 3.11 or newer as "python3" (found ${python ? python.join('.') : 'none'}): https://www.python.org`,
    );
  }
  const java = versionOf('java', ['-version'], /version "(\d+)/);
  if (!java || java[0] < 17) {
    missing.push(`Java 17 or newer as "java" (found ${java ? java[0] : 'none'}): https://adoptium.net`);
  }
  return missing;
}

/** On a first run: what will be installed, of what the command needs, before anything is. */
function announceFirstRun() {
  const needs = needsOf(...commandsOf(command, args));
  console.log(announcement(needs.filter((name) => !existsSync(join(root, folderOf(name))))));
}

/** Installs the npm packages where they are not those of the lock file; returns whether this is a first run, and said so. */
function installPackages() {
  const stamp = join(root, '.local', 'setup', 'npm.sha256');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const present = existsSync(join(root, 'node_modules', '.bin', 'tsx'));
  if (present && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  if (!present) announceFirstRun();
  console.log('Installing npm packages (first run, or package-lock.json has changed) …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  mkdirSync(join(root, '.local', 'setup'), { recursive: true });
  // Replaced, not written over: another checkout may hold the same file by a hard link.
  writeFileSync(`${stamp}.new`, wanted);
  renameSync(`${stamp}.new`, stamp);
  return !present;
}

const [command, ...args] = process.argv.slice(2);
if (!(command in COMMANDS)) {
  console.error(`Unknown command "${command}"; known are ${Object.keys(COMMANDS).join(', ')}.`);
  process.exit(2);
}
const missing = missingPrerequisites();
if (missing.length > 0) {
  console.error(`This project needs, and this machine lacks:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
  process.exit(2);
}
const announced = installPackages();

const bin = join(root, 'node_modules', '.bin');
const child = spawn(join(bin, 'node'), ['--import', 'tsx', join(root, COMMANDS[command]), ...args], {
  stdio: 'inherit',
  // The packages' own node first: the local AWS runs Lambda functions on the `node` it finds on the path.
  env: {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    ...(announced && { REVIEWS_SETUP_ANNOUNCED: 'true' }),
  },
});
// A signal may reach this process alone or the whole group (Ctrl-C); the child takes a signal that comes twice as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
