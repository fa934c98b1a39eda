import { cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-glue';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { bundledHere } from '../kit/local-bundling';

const GLUE_SCRIPTS = fileURLToPath(new URL('../../glue-scripts', import.meta.url));
const CONTRACTS = fileURLToPath(new URL('../../contracts', import.meta.url));

/** The Python package `reviews`, with a copy of the contracts inside it, as one zip for `--extra-py-files`. */
export class GluePackage extends Construct {
  readonly code: Code;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const asset = new Asset(this, 'Asset', {
      path: GLUE_SCRIPTS,
      // The contracts are outside `path`, and a cache file of Python must not make a new version.
      ...bundledHere(stagePackage),
    });
    this.code = new AssetObject(asset);
  }
}

/** One script of `glue-scripts/`, the entry point of a job. */
export class GlueScript extends Construct {
  readonly code: Code;

  constructor(scope: Construct, id: string, fileName: string) {
    super(scope, id);
    this.code = new AssetObject(new Asset(this, 'Asset', { path: join(GLUE_SCRIPTS, fileName) }));
  }
}

/** Code whose reader may read exactly this one object; the CDK's own code assets open the whole bucket of assets. */
class AssetObject extends Code {
  constructor(private readonly asset: Asset) {
    super();
  }

  override bind(_scope: Construct, reader: IGrantable): CodeConfig {
    const { bucket, s3BucketName, s3ObjectKey } = this.asset;
    reader.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(s3ObjectKey)] }),
    );
    return { s3Location: { bucketName: s3BucketName, objectKey: s3ObjectKey } };
  }
}

/** Copies the package and the contracts to the layout that the zip has: `reviews/…` and `reviews/contracts/…`. */
export function stagePackage(directory: string): void {
  const target = join(directory, 'reviews');
  mkdirSync(target, { recursive: true });
  cpSync(join(GLUE_SCRIPTS, 'reviews'), target, { recursive: true, filter: isSource });
  cpSync(CONTRACTS, join(target, 'contracts'), { recursive: true, filter: isSource });
}

function isSource(path: string): boolean {
  const name = basename(path);
  return name !== '__pycache__' && name !== 'tests' && !name.startsWith('.') && !name.endsWith('.pyc');
}
