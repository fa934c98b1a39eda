import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeWildcards } from './acknowledge-wildcards';
import {
  acknowledgeFunctionBasics,
  acknowledgeNoNetwork,
  acknowledgeSynchronousCalls,
  functionBasics,
  TRACING_REASON,
} from './function-basics';
import { allowNetwork, NETWORK_REASON } from './function-network';

export interface PipelineFunctionProps {
  /** First part of the function's name. */
  readonly prefix: string;
  /** Folder of `lib/functions` whose `handler.ts` it runs; also the second part of its name. */
  readonly name: string;
  readonly description: string;
  /** Folders that the function reads at run time, relative to the top of the repository. They have the same path in the bundle. */
  readonly folders?: readonly string[];
  /** Memory (MiB) and longest run (seconds). */
  readonly size: { readonly memoryMiB: number; readonly timeoutSeconds: number };
  readonly environment: Readonly<Record<string, string>>;
  /** Key of the function's log. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
  /** Where the function runs, if it must reach what is inside a VPC. @default - outside of any VPC */
  readonly network?: FunctionNetwork;
}

/** Place of a function in a VPC. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
}

/** A Lambda function of the pipeline: its bundle, its log, and a role that allows only logging and tracing. */
export class PipelineFunction extends NodejsFunction {
  declare readonly role: Role;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    const { network } = props;
    const functionName = `${props.prefix}-${props.name}`;
    const parts = new Construct(scope, id);
    const { logGroup, role } = functionBasics(parts, {
      functionName,
      encryptionKey: props.encryptionKey,
      logRetentionDays: props.logRetentionDays,
    });
    if (network) allowNetwork(role, functionName);

    super(parts, 'Function', {
      functionName,
      description: props.description,
      entry: fileURLToPath(new URL(`../functions/${props.name}/handler.ts`, import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.size.memoryMiB,
      timeout: Duration.seconds(props.size.timeoutSeconds),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      ...(network && { vpc: network.vpc, vpcSubnets: network.subnets, securityGroups: [network.securityGroup] }),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        // Dimension "service" of the function's metrics: two environments in one account must not be added up.
        POWERTOOLS_SERVICE_NAME: props.prefix,
        ...props.environment,
      },
      bundling: {
        // The SDK of the lock file, tested with the handler, not the one that the runtime happens to bring.
        bundleAwsSDK: true,
        minify: true,
        keepNames: true,
        sourceMap: true,
        sourcesContent: false,
        // The code reads its own folder only when it is not bundled.
        esbuildArgs: { '--log-override:empty-import-meta': 'silent' },
        commandHooks: {
          beforeInstall: () => [],
          beforeBundling: () => [],
          afterBundling: (top, bundle) =>
            (props.folders ?? []).flatMap((folder) => [
              `mkdir -p "${bundle}/${dirname(folder)}"`,
              `cp -R "${top}/${folder}" "${bundle}/${folder}"`,
            ]),
        },
      },
    });
    acknowledgeWildcards(role, { resource: '*', reason: network ? NETWORK_REASON : TRACING_REASON });
    acknowledgeFunctionBasics(this);
    if (!network) acknowledgeNoNetwork(this);
  }

  /** Says that nothing calls the function asynchronously, so that a dead-letter queue would stay empty. */
  acknowledgeSynchronousCalls(caller: string): void {
    acknowledgeSynchronousCalls(this, caller);
  }
}
