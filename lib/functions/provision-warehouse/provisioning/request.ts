import * as z from 'zod';
import { RESOURCE_KINDS, type ResourceType } from './resource-kinds';

const common = z.object({
  /** Where the answer goes: a URL that is signed for one PUT. */
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  ResourceType: z.enum(Object.keys(RESOURCE_KINDS) as [ResourceType, ...ResourceType[]]),
  /** Checked by the kind of resource. */
  ResourceProperties: z.record(z.string(), z.unknown()),
});

const existing = { PhysicalResourceId: z.string() };

/** What CloudFormation sends. "Custom resource request objects", AWS CloudFormation template reference. */
export const requestSchema = z.discriminatedUnion('RequestType', [
  common.extend({ RequestType: z.literal('Create') }),
  common.extend({ ...existing, RequestType: z.literal('Update') }),
  common.extend({ ...existing, RequestType: z.literal('Delete') }),
]);

export type ProvisioningRequest = z.infer<typeof requestSchema>;

/** The part of a request that is needed to answer it, even if the rest is wrong. */
export const addressSchema = z.object({
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});

export type Address = z.infer<typeof addressSchema>;
