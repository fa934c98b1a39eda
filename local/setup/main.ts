/** `npm run setup`: installs all that the other commands need, so that they start at once. */
import { setUp } from './steps';

await setUp('setup');
console.log('Everything is installed.');
