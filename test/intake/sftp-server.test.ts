import { describe, expect, it } from 'vitest';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const publicKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE acme'];
const users = [
  { name: 'acme', publicKeys, folder: 'acme' },
  { name: 'yelp-export', publicKeys, folder: 'yelp' },
];
const { intake } = synthesise(configuration({ sftp: { users } }));

describe('the SFTP server', () => {
  it('is not there unless the settings name users', () => {
    synthesise().intake.resourceCountIs('AWS::Transfer::Server', 0);
  });

  it('takes SFTP only, by keys, and logs to a group of the stack', () => {
    intake.hasResourceProperties('AWS::Transfer::Server', {
      Protocols: ['SFTP'],
      IdentityProviderType: 'SERVICE_MANAGED',
      SecurityPolicyName: 'TransferSecurityPolicy-2024-01',
    });
    intake.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/transfer/reviews-test-sftp' });
  });

  it.each(users.map((user, number) => ({ ...user, number })))(
    'shows $name its own folder only, where it can write and not read',
    ({ number, name, folder }) => {
      const user = Object.values(intake.findResources('AWS::Transfer::User')).find(
        ({ Properties }) => Properties.UserName === name,
      );
      const [mapping] = user?.Properties.HomeDirectoryMappings ?? [];
      expect(user?.Properties).toMatchObject({ HomeDirectoryType: 'LOGICAL', SshPublicKeys: publicKeys });
      expect(mapping.Entry).toBe('/');
      expect(flat(mapping.Target)).toMatch(new RegExp(`/reviews/${folder}$`));

      const role = `SftpUser${number}Role`;
      expect(objectAccess(intake, role, 'RawBucket')).toEqual({
        's3:PutObject': [`/reviews/${folder}/*`],
        's3:AbortMultipartUpload': [`/reviews/${folder}/*`],
      });
      const others = statementsOf(intake, role).flatMap(({ actions }) => actions);
      expect(others.sort()).toEqual([
        'kms:Decrypt',
        'kms:GenerateDataKey',
        's3:AbortMultipartUpload',
        's3:ListBucket',
        's3:PutObject',
      ]);
    },
  );
});
