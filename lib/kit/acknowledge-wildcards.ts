import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy, type IRole, type PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';

/** A wildcard that a role's policy cannot do without. */
export type UnavoidableWildcard = {
  /** Why nothing narrower is possible. */
  readonly reason: string;
} & (
  | {
      /** Its resource, or the end of it, as in `/work/*`; `*` alone stands for exactly that. */
      readonly resource: string;
    }
  | {
      /** Its action, as in `s3:GetObject*`. */
      readonly action: string;
    }
);

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource?: unknown;
}

/**
 * Acknowledges the finding AwsSolutions-IAM5 for exactly these wildcards of a role's own policy.
 *
 * The identifier of a finding holds the resource as the template will state it, which for another stack's bucket is known only
 * once references between stacks are resolved: so this runs as a validation, after that and before the rules. A wildcard that
 * is no longer in the policy is an error: an exception must not outlive its reason.
 */
export function acknowledgeWildcards(role: IRole, ...wildcards: UnavoidableWildcard[]): void {
  role.node.addValidation({
    validate: () => {
      const statements = allowedBy(role);
      return wildcards.flatMap((wildcard) => {
        const findings = findingsOf(wildcard, statements);
        for (const finding of findings) {
          Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason: wildcard.reason });
        }
        if (findings.length > 0) return [];
        const gone =
          'action' in wildcard ? `the action ${wildcard.action}` : `a resource that ends in ${wildcard.resource}`;
        return [`No statement of ${role.node.path} allows ${gone}: remove its acknowledgement.`];
      });
    },
  });
}

/** What the rule calls the wildcards of these statements that are the acknowledged one. */
function findingsOf(wildcard: UnavoidableWildcard, statements: readonly Statement[]): string[] {
  if ('action' in wildcard) {
    const actions = statements.flatMap(({ Action }) => Action);
    return actions.includes(wildcard.action) ? [`Action::${wildcard.action}`] : [];
  }
  const { resource: pattern } = wildcard;
  return statements
    .flatMap(({ Resource }) => Resource ?? [])
    .map(flattenCfnReference)
    .filter((resource) => resource.includes('*'))
    .filter((resource) => (pattern === '*' ? resource === '*' : resource.endsWith(pattern)))
    .map((resource) => `Resource::${resource}`);
}

function allowedBy(role: IRole): Statement[] {
  return role.node
    .findAll()
    .filter((child): child is CfnPolicy => CfnResource.isCfnResource(child) && child instanceof CfnPolicy)
    .flatMap((policy) => {
      const document: { Statement: Statement[] } = Stack.of(policy).resolve(policy.policyDocument as PolicyDocument);
      return document.Statement.filter(({ Effect }) => Effect === 'Allow');
    });
}
