import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetStaging, BundlingOutput, type FileAssetLocation, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { bundledHere } from '../kit/local-bundling';
import { zipOfKernelWheels } from './kernel-wheels';

const GLUE_SCRIPTS = fileURLToPath(new URL('../../glue-scripts', import.meta.url));

/** Ending by which Glue knows a zip of wheels (the asset adds `.zip`). "Using Python libraries with AWS Glue", AWS Glue Developer Guide. */
const ZIP_OF_WHEELS = '.gluewheels';

/**
 * What the kernel runs on (DuckDB, fastavro, msgspec, NumPy, Arrow), as a zip of wheels among the assets of the deployment: a run installs it without
 * reaching any package index.
 */
export class KernelLibraries extends Construct {
  private readonly location: FileAssetLocation;
  private readonly bucket: IBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const staging = new AssetStaging(this, 'Staging', {
      sourcePath: GLUE_SCRIPTS,
      // The scripts beside the lock file must not make a new version.
      ...bundledHere(
        (folder) => copyFileSync(zipOfKernelWheels(), join(folder, `kernel${ZIP_OF_WHEELS}.zip`)),
        BundlingOutput.SINGLE_FILE,
      ),
    });
    const stack = Stack.of(this);
    // Not by the construct Asset, whose object keys keep nothing of a file's name but the last part of its ending.
    this.location = stack.synthesizer.addFileAsset({
      sourceHash: `${staging.assetHash}${ZIP_OF_WHEELS}`,
      fileName: staging.relativeStagedPath(stack),
      packaging: staging.packaging,
      displayName: 'Kernel libraries',
    });
    this.bucket = Bucket.fromBucketName(this, 'Bucket', this.location.bucketName);
  }

  /** Arguments by which a job installs the libraries when a run starts. */
  get jobArguments(): Record<string, string> {
    return {
      '--additional-python-modules': this.location.s3ObjectUrl,
      '--python-modules-installer-option': '--no-index',
    };
  }

  /** Lets a job's role read exactly this one object. */
  allowReading(reader: IGrantable): void {
    const resources = [this.bucket.arnForObjects(this.location.objectKey)];
    reader.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources }));
  }
}
