import { type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { REVIEWS_PREFIX } from '../contracts/prefixes';

export interface ObjectCreatedRuleProps {
  readonly ruleName: string;
  readonly bucket: Pick<IBucket, 'bucketName'>;
  /** Where the matched event goes, as it is: input transformers do not escape quotes in keys. */
  readonly target: IRuleTarget;
}

/** Catches every object created under `reviews/` in the raw bucket. */
export class ObjectCreatedRule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: ObjectCreatedRuleProps) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      ruleName: props.ruleName,
      description: `Hands files created under ${REVIEWS_PREFIX} to the review intake`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [props.bucket.bucketName] }, object: { key: [{ prefix: REVIEWS_PREFIX }] } },
      },
      targets: [props.target],
    });
  }
}
