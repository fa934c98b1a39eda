import { z } from 'zod';

/** Identifier of a subnet. */
export const subnetId = z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'expected the identifier of a subnet');

/** Identifier of a security group. */
export const securityGroupId = z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'expected the identifier of a security group');

/** Identifier of a VPC. */
export const vpcId = z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'expected the identifier of a VPC');
