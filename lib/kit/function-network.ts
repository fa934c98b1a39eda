import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { acknowledgeCheckov } from './acknowledge-checkov';

/**
 * What Lambda needs to put a function into a VPC; none of it can be bound to a resource.
 * "Giving Lambda functions access to resources in an Amazon VPC", AWS Lambda Developer Guide.
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Why a function in a VPC needs a wildcard. */
export const NETWORK_REASON =
  'Trace segments belong to no resource, and a network interface has no name before Lambda creates it.';

/**
 * Allows Lambda to make the network interfaces of a function in a VPC, and forbids the function's own code to make any: both use the
 * same role. "Working with Lambda execution environment credentials", AWS Lambda Developer Guide.
 */
export function allowNetwork(role: Role, functionName: string): void {
  const functionArn = Stack.of(role).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPolicy(new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: NETWORK_ACTIONS,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
    }),
  );
  acknowledgeCheckov(role.node.findChild('DefaultPolicy'), {
    id: 'CKV_AWS_111',
    reason: 'A network interface has no name before Lambda creates it in the subnets of the function.',
  });
}
