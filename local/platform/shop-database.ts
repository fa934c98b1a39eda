import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { execa } from 'execa';
import { z } from 'zod';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { binOf, pythonPathOf } from '../paths';
import type { AwsClients } from './aws-clients';
import { startDatabaseServer } from './database-server';
import type { Servers } from './servers';

/** As `local_dms/shop.py` names it. */
const USER = 'reviews_capture';

const Rows = z.array(z.object({ review_id: z.number(), product_id: z.string(), stars: z.number() }));

/** What the table of reviews holds. */
export type ShopRows = z.infer<typeof Rows>;

const settings = loadSettings('local-with-cdc');

/** A PostgreSQL of this machine with a table of reviews, which change capture follows. */
export class ShopDatabase {
  /** Rows that the table begins with, when it is made. */
  readonly rows: Promise<ShopRows>;

  private constructor(
    private readonly port: string,
    private readonly authorityFile: string,
    private readonly passwords: { readonly SHOP_PASSWORD: string; readonly CAPTURE_PASSWORD: string },
  ) {
    this.rows = this.run('prepare');
    // Whoever waits later receives the failure; until then an unhandled rejection must not end this process.
    this.rows.catch(() => {});
  }

  static async start(state: string, servers: Servers): Promise<ShopDatabase> {
    const { endpoint, password, authorityFile } = await startDatabaseServer('postgres', state, servers);
    const passwords = { SHOP_PASSWORD: password, CAPTURE_PASSWORD: randomUUID() };
    return new ShopDatabase(new URL(endpoint).port, authorityFile, passwords);
  }

  /** Puts login and certificate where the stack looks for them. */
  async introduceTo({ secretsManager, dms }: AwsClients): Promise<void> {
    const { secretName, certificateArn = '' } = settings.changeCapture ?? {};
    const login = {
      username: USER,
      password: this.passwords.CAPTURE_PASSWORD,
      host: '127.0.0.1',
      port: Number(this.port),
    };
    await secretsManager.send(new CreateSecretCommand({ Name: secretName, SecretString: JSON.stringify(login) }));
    await dms('ImportCertificate', {
      CertificateIdentifier: certificateArn.slice(certificateArn.lastIndexOf(':') + 1),
      CertificatePem: readFileSync(this.authorityFile, 'utf8'),
    });
    await this.rows;
  }

  /** Changes the table once it is followed; returns what it then holds, when all changes are stored in the raw bucket. */
  change(): Promise<ShopRows> {
    return this.run('change');
  }

  private async run(what: 'prepare' | 'change'): Promise<ShopRows> {
    // Slot and publication have the name of the task.
    const slot = resourcePrefix(settings).replaceAll('-', '_');
    const { stdout } = await execa(
      join(binOf('dms'), 'python'),
      ['-m', 'local_dms.shop', '--port', this.port, '--slot', slot, what],
      { env: { PYTHONPATH: pythonPathOf('dms'), ...this.passwords } },
    );
    return Rows.parse(JSON.parse(stdout));
  }
}
