import { globSync } from 'node:fs';
import { ROOT } from '../../local/paths';

/** Every Markdown file of the repository, from its top. */
export function markdownFiles(): string[] {
  // A folder whose name begins with a dot is not the documentation's.
  return globSync('{*.md,{airflow,contracts,dbt,docs,glue-scripts,lib,local,test}/**/*.md}', {
    cwd: ROOT,
    exclude: ['**/{node_modules,target,.*}/**'],
  }).sort();
}
