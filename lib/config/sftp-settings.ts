import { z } from 'zod';
import { sourceFolder } from './data-settings';

/** SFTP server for producers who have no AWS account. */
export const sftpSettings = z.strictObject({
  users: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[\w][\w@.-]{2,99}$/, 'expected 3 to 100 letters, digits and _@.-')
          .describe('Name that the producer logs in with.'),
        publicKeys: z
          .array(z.string().regex(/^(ssh-(rsa|ed25519)|ecdsa-sha2-nistp\d{3}) \S+/, 'expected a public key of SSH'))
          .min(1)
          .describe('Public keys of SSH that it logs in by; there are no passwords.'),
        folder: sourceFolder.describe('Folder below reviews/ that is all it sees, and can write to only.'),
      }),
    )
    .min(1)
    .describe('Producers who may log in.'),
});
