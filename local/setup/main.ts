/** `npm run setup`: installs all that the other commands need, so that they start at once. */
import { Listr } from 'listr2';
import { NEEDS, setupSteps } from './steps';

for (const command of Object.keys(NEEDS) as (keyof typeof NEEDS)[]) {
  await new Listr(setupSteps(command)).run();
}
console.log('Everything is installed.');
