import type { Template } from 'aws-cdk-lib/assertions';
import type { SettingsInput } from '../../lib/config/schema';
import { configuration, synthesise } from './synthesised';
import { warehouseSettings } from './warehouse';

export type OrchestrationInput = NonNullable<SettingsInput['orchestration']>;

/** Settings with Airflow, those given apart as by default. */
export function orchestrationSettings(more: OrchestrationInput = {}): Partial<SettingsInput> {
  return { ...warehouseSettings({ compute: {} }), orchestration: more };
}

/** A VPC that others have made. */
export const EXISTING_NETWORK: OrchestrationInput['network'] = {
  mode: 'existing',
  vpcId: 'vpc-0123456789abcdef0',
  privateSubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'],
};

/** A VPC without a way to the internet. */
export const ISOLATED_NETWORK = {
  network: {
    mode: 'new',
    egress: 'endpoints',
    interfaceEndpoints: [
      { serviceName: 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0' },
      { serviceName: 'com.amazonaws.eu-west-1.codeartifact.repositories', privateDns: true },
    ],
  },
  packageIndexUrl: 'https://packages.example.com/simple/',
} as const satisfies OrchestrationInput;

/** Every shape that the network and the web server can have. */
export const SHAPES: Readonly<Record<string, OrchestrationInput>> = {
  'a new VPC with NAT and a private web server': {},
  'a new VPC with NAT and a public web server': { webserverAccess: 'public' },
  'a new VPC with endpoints and a private web server': ISOLATED_NETWORK,
  'a new VPC with endpoints and a public web server': { ...ISOLATED_NETWORK, webserverAccess: 'public' },
  'an existing VPC and a private web server': { network: EXISTING_NETWORK },
  'an existing VPC and a public web server': { network: EXISTING_NETWORK, webserverAccess: 'public' },
};

/** Template of the stack with Airflow. */
export function orchestrationTemplate(more: OrchestrationInput = {}, settings: Partial<SettingsInput> = {}): Template {
  const { orchestration } = synthesise(configuration({ ...orchestrationSettings(more), ...settings }));
  if (!orchestration) throw new Error('no orchestration');
  return orchestration;
}

/** The one resource of a type in a template. */
export function only<Properties = Record<string, unknown>>(
  template: Template,
  type: string,
): { readonly properties: Properties; readonly dependsOn: readonly string[] } {
  const found = Object.values(template.findResources(type));
  const [resource] = found;
  if (!resource || found.length > 1) throw new Error(`${found.length} resources of type ${type}`);
  return { properties: resource.Properties, dependsOn: [resource.DependsOn ?? []].flat() };
}
