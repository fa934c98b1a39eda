import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnEndpoint } from 'aws-cdk-lib/aws-dms';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ChangeCaptureSettings } from '../config/change-capture-settings';

export interface SourceEndpointProps {
  readonly name: string;
  readonly settings: ChangeCaptureSettings;
  readonly encryptionKey: IKey;
}

/** How often the heartbeat moves the slot of an idle table (minutes). */
const HEARTBEAT_MINUTES = 5;

/** The database that DMS reads, by a login that only DMS gets to see. */
export class SourceEndpoint extends Construct {
  readonly endpoint: CfnEndpoint;

  constructor(scope: Construct, id: string, { name, settings, encryptionKey }: SourceEndpointProps) {
    super(scope, id);
    const login = this.loginRole(settings);
    this.endpoint = new CfnEndpoint(this, 'Endpoint', {
      endpointIdentifier: name,
      endpointType: 'source',
      engineName: 'postgres',
      databaseName: settings.database,
      sslMode: 'verify-full',
      certificateArn: settings.certificateArn,
      kmsKeyId: encryptionKey.keyArn,
      postgreSqlSettings: {
        secretsManagerSecretId: settings.secretName,
        secretsManagerAccessRoleArn: login.roleArn,
        // In every PostgreSQL; pglogical is an extension.
        pluginName: 'test-decoding',
        heartbeatEnable: true,
        heartbeatFrequency: HEARTBEAT_MINUTES,
        heartbeatSchema: settings.supportSchema,
        captureDdls: true,
        ddlArtifactsSchema: settings.supportSchema,
        failTasksOnLobTruncation: true,
      },
    });
    this.endpoint.node.addDependency(login);
  }

  private loginRole({ secretName, secretKeyArn }: ChangeCaptureSettings): Role {
    const { region, account } = Stack.of(this);
    const role = new Role(this, 'LoginRole', {
      description: 'Lets DMS read the login to the database',
      // The service of the region alone. "Using secrets to access AWS DMS endpoints", AWS DMS User Guide.
      assumedBy: new ServicePrincipal(`dms.${region}.amazonaws.com`, {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    // Secrets Manager adds six characters to the name.
    const secret = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secretName}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        resources: [secret],
      }),
    );
    if (secretKeyArn) {
      role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt', 'kms:DescribeKey'], resources: [secretKeyArn] }));
    }
    return role;
  }
}
