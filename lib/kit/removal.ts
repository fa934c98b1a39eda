import { RemovalPolicy } from 'aws-cdk-lib';

/** What happens to a resource that holds data when it leaves its stack. Two keys are needed to destroy it, see `loadConfiguration`. */
export function dataRemovalPolicy(destroyData: boolean): RemovalPolicy {
  return destroyData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}
