/**
 * Provisions one warehouse in the local Snowflake with the code of the warehouse stack's function.
 *
 * Its arguments: access URL, file of the private key, database, location of the published tables.
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { personalColumns, tables } from '../../lib/contracts/tables';
import { warehouseNames } from '../../lib/contracts/warehouse-names';
import { provideDatabase } from '../../lib/functions/provision-warehouse/provisioning/database';
import { provideIntegration } from '../../lib/functions/provision-warehouse/provisioning/storage-integration';
import { connect } from '../../lib/functions/snowflake/connection';
import { Progress } from '../../lib/functions/snowflake/progress';
import { Session } from '../../lib/functions/snowflake/session';

const TIMEOUT_MILLISECONDS = 60_000;

const [accessUrl = '', privateKeyFile = '', database = '', location = ''] = process.argv.slice(2);
const names = warehouseNames(database);
const privateKey = readFileSync(privateKeyFile, 'utf8');
const common = { ServiceToken: 'none', Revision: '1', Owner: 'tests of the dbt project' };

const driver = await connect({ account: 'LOCAL', user: 'PROVISIONER', privateKey, accessUrl }, TIMEOUT_MILLISECONDS);
try {
  const session = await Session.begin(driver, new Progress(() => TIMEOUT_MILLISECONDS));
  await provideIntegration(session, {
    ...common,
    Name: names.integration,
    RoleArn: 'arn:aws:iam::000000000000:role/reader',
    AllowedLocation: location,
  });
  await provideDatabase(session, {
    ...common,
    Database: database,
    Integration: names.integration,
    Location: location,
    ListFiles: 'true',
    Tables: Object.values(tables).map(({ table, columns }) => ({
      Name: table.toUpperCase(),
      Folder: table,
      Columns: columns.map(({ name, type }) => ({ Name: name, Type: type })),
    })),
    DbtUser: {
      Keys: { PublicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64') },
      StatementTimeoutSeconds: '600',
    },
    Governance: { PersonalColumns: personalColumns },
    DropData: 'true',
  });
} finally {
  await driver.close();
}
