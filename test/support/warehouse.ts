import type { Template as CdkTemplate } from 'aws-cdk-lib/assertions';
import type { SettingsInput } from '../../lib/config/schema';
import type { Properties, Template } from './fake-cloudformation';
import { configuration, synthesise } from './synthesised';

type Attributes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The processed bucket of the tests. */
export const BUCKET = 'processed-bucket';

/** Base64 of an RSA public key of nobody's. */
export const PUBLIC_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmwIDAQAB';

/** Settings of a warehouse, those given apart as by default. */
export function warehouseSettings(more: Partial<NonNullable<SettingsInput['warehouse']>> = {}): Partial<SettingsInput> {
  return { warehouse: { secretName: 'reviews/test/snowflake', ...more } };
}

/** The resources of the synthesised warehouse stack, as CloudFormation hands them to the function. */
export function warehouseResources(settings = warehouseSettings(), destroyData = false): Template {
  const { warehouse } = synthesise(configuration(settings, destroyData));
  if (!warehouse) throw new Error('no warehouse');
  return ['Integration', 'Database', 'Notification', 'Refresh'].map((id) => {
    const { Type, Properties: stated } = resource(warehouse, id);
    return { id, type: Type, properties: (attributes) => resolve(stated, attributes) as Properties };
  });
}

/** The same resources with other text in their properties. */
export function rewritten(template: Template, edit: (json: string) => string): Template {
  return template.map((each) => ({
    ...each,
    properties: (attributes) => JSON.parse(edit(JSON.stringify(each.properties(attributes)))),
  }));
}

function resource(template: CdkTemplate, id: string): { Type: string; Properties: unknown } {
  const found = template.toJSON().Resources[id];
  if (!found) throw new Error(`no resource ${id}`);
  return found;
}

/** Value of a property with what its references stand for. */
function resolve(value: unknown, attributes: Attributes): unknown {
  if (Array.isArray(value)) return value.map((each) => resolve(each, attributes));
  if (typeof value !== 'object' || value === null) return value;
  const entry = value as Record<string, unknown>;
  if ('Fn::Join' in entry)
    return (resolve((entry['Fn::Join'] as [string, unknown])[1], attributes) as string[]).join('');
  if ('Fn::ImportValue' in entry) return BUCKET;
  if ('Ref' in entry) {
    const pseudo = { 'AWS::AccountId': '111122223333', 'AWS::Region': 'eu-west-1', 'AWS::Partition': 'aws' };
    return pseudo[entry.Ref as keyof typeof pseudo] ?? `arn:${entry.Ref}`;
  }
  if ('Fn::GetAtt' in entry) {
    const [id = '', attribute = ''] = entry['Fn::GetAtt'] as string[];
    return attribute === 'Arn' ? `arn:${id}` : attributes[id]?.[attribute];
  }
  return Object.fromEntries(Object.entries(entry).map(([key, each]) => [key, resolve(each, attributes)]));
}
