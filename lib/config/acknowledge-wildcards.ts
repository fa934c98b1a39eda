import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy, type IRole, type PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';

/** A wildcard that a role's policy cannot do without. */
export interface UnavoidableWildcard {
  /** Its resource, or the end of it, as in `/work/*`; `*` alone stands for exactly that. */
  readonly resource: string;
  /** Why nothing narrower is possible. */
  readonly reason: string;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: unknown;
}

/**
 * Acknowledges the finding AwsSolutions-IAM5 for exactly these resource wildcards of a role's own policy.
 *
 * The identifier of a finding holds the resource as the template will state it, which for another stack's bucket is known only
 * once references between stacks are resolved: so this runs as a validation, after that and before the rules. A wildcard that
 * is no longer in the policy is an error, so that no exception outlives its reason.
 */
export function acknowledgeWildcards(role: IRole, ...wildcards: UnavoidableWildcard[]): void {
  role.node.addValidation({
    validate: () => {
      const resources = allowedResources(role).filter((resource) => resource.includes('*'));
      return wildcards.flatMap(({ resource: pattern, reason }) => {
        const matching = resources.filter((resource) =>
          pattern === '*' ? resource === '*' : resource.endsWith(pattern),
        );
        for (const resource of matching) {
          Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
        }
        return matching.length > 0
          ? []
          : [
              `No statement of ${role.node.path} allows a resource that ends in ${pattern}: remove its acknowledgement.`,
            ];
      });
    },
  });
}

function allowedResources(role: IRole): string[] {
  return role.node
    .findAll()
    .filter((child): child is CfnPolicy => CfnResource.isCfnResource(child) && child instanceof CfnPolicy)
    .flatMap((policy) => {
      const document: { Statement: Statement[] } = Stack.of(policy).resolve(policy.policyDocument as PolicyDocument);
      return document.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Resource }) => Resource);
    })
    .map(flattenCfnReference);
}
