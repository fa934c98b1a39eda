import { writeFileSync } from 'node:fs';
import { environmentJsonSchema } from './json-schema';
import { settingsPage } from './settings-table';

// Run by `npm run schema` after a change of the settings: what editors and readers know of them.
const write = (path: string, content: string): void => writeFileSync(new URL(path, import.meta.url), content);
write('environment.schema.json', `${JSON.stringify(environmentJsonSchema(), undefined, 2)}\n`);
write('../../docs/settings.md', settingsPage());
