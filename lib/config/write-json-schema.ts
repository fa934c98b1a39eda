import { writeFileSync } from 'node:fs';
import { environmentJsonSchema } from './json-schema';

// Run by `npm run schema` after a change of the settings.
const target = new URL('environment.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(environmentJsonSchema(), undefined, 2)}\n`);
