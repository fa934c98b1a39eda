/** `npm run test:sources`: installs the servers that `npm test` does without, and runs the tests that ask them. */
import { Command } from 'commander';
import { setUp } from '../local/setup/steps';
import { CHECKS_OF_SOURCES } from './checks';
import { report } from './report';

new Command('npm run test:sources')
  .description('Runs the tests of connectors whose servers npm test does not install.')
  .parse();

await setUp('test:sources');
await report(CHECKS_OF_SOURCES, 1);
