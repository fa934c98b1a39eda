import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy in a template, its actions and resources as lists; a resource as flat text. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

interface TemplateStatement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** Statements of all policies whose role's logical id begins so. */
export function statementsOf(template: Template, role: string): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
    (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref.startsWith(role)),
  );
  return policies.flatMap(({ Properties }) =>
    (Properties.PolicyDocument.Statement as TemplateStatement[]).map(({ Effect, Action, Resource }) => ({
      effect: Effect,
      actions: [Action].flat(),
      resources: [Resource].flat().map(flat),
    })),
  );
}

/** What a role may do to the objects of a bucket: action → ends of the keys, such as `/work/*`. */
export function objectAccess(template: Template, role: string, bucket: string): Record<string, string[]> {
  const access: Record<string, string[]> = {};
  for (const { actions, resources } of statementsOf(template, role)) {
    const keys = resources.flatMap((resource) => resource.match(new RegExp(`${bucket}[^/]*(/.+)$`))?.[1] ?? []);
    for (const action of keys.length > 0 ? actions : []) access[action] = [...(access[action] ?? []), ...keys].sort();
  }
  return access;
}

/** Text of a value of a template: references by what they name. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(flat).join('');
  if (typeof value !== 'object' || value === null) return String(value);
  const entry = value as Record<string, unknown>;
  if ('Fn::Join' in entry) return flat((entry['Fn::Join'] as [string, unknown[]])[1]);
  if ('Fn::GetAtt' in entry) return `<${(entry['Fn::GetAtt'] as string[]).join('.')}>`;
  if ('Fn::ImportValue' in entry) return `<${String(entry['Fn::ImportValue'])}>`;
  return 'Ref' in entry ? `<${String(entry.Ref)}>` : JSON.stringify(value);
}
