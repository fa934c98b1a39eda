import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import { GluePackage } from '../processing/glue-package';
import { JobEncryption } from '../processing/job-encryption';
import { KernelLibraries } from '../processing/kernel-libraries';
import type { ProcessingStack } from '../processing/processing-stack';
import type { StorageStack } from '../storage/storage-stack';
import { Stream } from './stream';

export interface StreamsStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
}

/** Reads topics of Kafka all the time, a job for each. */
export class StreamsStack extends Stack {
  constructor(scope: Construct, id: string, props: StreamsStackProps) {
    super(scope, id, props);
    const { storage, processing } = props;
    const { settings } = props.configuration;
    const prefix = resourcePrefix(settings);
    const { operationsKey } = processing;
    const shared = {
      prefix,
      storage,
      operationsKey,
      settings,
      package: new GluePackage(this, 'Package'),
      libraries: new KernelLibraries(this, 'Libraries'),
      securityConfiguration: new JobEncryption(this, 'Encryption', {
        name: `${prefix}-streams`,
        dataKey: storage.dataKey,
        operationsKey,
      }),
    };
    for (const stream of settings.streams) {
      const { network } = new Stream(this, stream.name, { ...shared, stream });
      if (network) {
        new CfnOutput(this, `SecurityGroupOf${stream.name.replaceAll('-', '')}`, {
          value: network.securityGroupId,
          description: `Let it in at the brokers of the stream ${stream.name}`,
        });
      }
    }
  }
}
