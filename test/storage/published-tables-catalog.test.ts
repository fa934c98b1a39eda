import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES, tables } from '../../lib/contracts/tables';
import { flat } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

describe('the published tables in the Glue Data Catalog', () => {
  const { stacks } = synthesise(configuration({ data: { catalog: true } }));
  const template = Template.fromStack(stacks.storage);
  const found = Object.values(template.findResources('AWS::Glue::Table')).map(({ Properties }) => Properties);

  it('are not there unless the settings say so', () => {
    synthesise().storage.resourceCountIs('AWS::Glue::Table', 0);
  });

  it('are all that the contracts name, in a database of the environment', () => {
    expect(found.map(({ TableInput }) => TableInput.Name).sort()).toEqual([...TABLE_NAMES].sort());
    template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'reviews_test' } });
    expect(new Set(found.map(({ DatabaseName }) => DatabaseName))).toEqual(new Set(['reviews_test']));
  });

  it.each(TABLE_NAMES)('%s has the columns of its contract, by the types of Hive', (name) => {
    const { StorageDescriptor } = found.find(({ TableInput }) => TableInput.Name === name)?.TableInput ?? {};
    expect(StorageDescriptor.Columns.map((column: { Name: string }) => column.Name)).toEqual(
      tables[name].columns.map((column) => column.name),
    );
    for (const { Type } of StorageDescriptor.Columns as { Type: string }[]) {
      expect(Type).toMatch(/^(string|boolean|int|bigint|double|date|timestamp|array<string>|decimal\(\d+,\d+\))$/);
    }
  });

  it.each(TABLE_NAMES)('%s finds its files by date without a crawler', (name) => {
    const { Parameters } = found.find(({ TableInput }) => TableInput.Name === name)?.TableInput ?? {};
    expect(Parameters).toMatchObject({ 'projection.enabled': 'true', 'projection.ingest_date.type': 'date' });
    expect(flat(Parameters['storage.location.template'])).toMatch(
      new RegExp(`^s3://<Processed.*>/tables/${name}/ingest_date=\\$\\{ingest_date\\}/$`),
    );
  });
});
