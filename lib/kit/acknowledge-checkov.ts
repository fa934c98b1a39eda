import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A check of checkov that does not apply to a resource. */
export interface CheckovException {
  /** Id of the check, as in `CKV_AWS_18`. */
  readonly id: string;
  readonly reason: string;
}

/** Says on the resource itself, in its template, why checks of checkov do not apply to it: checkov reads it there. */
export function acknowledgeCheckov(construct: IConstruct, ...exceptions: readonly CheckovException[]): void {
  const resource = construct.node.defaultChild ?? construct;
  if (!CfnResource.isCfnResource(resource)) throw new Error(`${construct.node.path} is no single resource.`);
  const { skip = [] } = resource.getMetadata('checkov') ?? {};
  const added = exceptions.map(({ id, reason }) => ({ id, comment: reason }));
  resource.addMetadata('checkov', { skip: [...skip, ...added] });
}
