import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * What happens to a resource that holds data when it leaves its stack. Two keys are needed to destroy it, see `loadConfiguration`.
 * What a failed first creation leaves holds no data yet: it goes, or each attempt would leave another key and more buckets behind.
 */
export function dataRemovalPolicy(destroyData: boolean): RemovalPolicy {
  return destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
