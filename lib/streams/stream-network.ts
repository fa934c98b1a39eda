import { Stack, Validations } from 'aws-cdk-lib';
import { CfnSecurityGroup, CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { CfnConnection } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StreamSettings } from '../config/stream-settings';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';

export interface StreamNetworkProps {
  /** Name of the connection. */
  readonly name: string;
  readonly network: NonNullable<StreamSettings['network']>;
  readonly role: Role;
}

/** Tag of the network interfaces that Glue makes. "AWSGlueServiceRole", AWS Managed Policy Reference Guide. */
const GLUE_TAG = 'aws-glue-service-resource';

/** What Glue looks at before it makes one, by the same policy. */
const LOOKS = ['NetworkInterfaces', 'VpcEndpoints', 'RouteTables', 'SecurityGroups', 'Subnets', 'VpcAttribute'];

const ALL_TCP = { ipProtocol: 'tcp', fromPort: 0, toPort: 65_535 };

/** Puts a job into a subnet from which it reaches the brokers. "Setting up Amazon VPC for JDBC connections", AWS Glue Developer Guide. */
export class StreamNetwork extends Construct {
  readonly connectionName: string;
  /** The brokers must let it in. */
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { name, network, role }: StreamNetworkProps) {
    super(scope, id);
    const { vpcId, subnetId, availabilityZone } = network;
    const group = new CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId,
      groupDescription: `Job of the stream ${name}`,
      // Brokers, S3 and the other services; subnets and roles limit it.
      securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'Brokers and AWS services' }],
    });
    this.securityGroupId = group.attrGroupId;
    // Glue wants its workers to reach one another by a rule of the group on itself.
    new CfnSecurityGroupIngress(this, 'FromItself', {
      ...ALL_TCP,
      groupId: group.attrGroupId,
      sourceSecurityGroupId: group.attrGroupId,
      description: 'Workers of one run',
    });
    const connection = new CfnConnection(this, 'Connection', {
      catalogId: Stack.of(this).account,
      connectionInput: {
        name,
        connectionType: 'NETWORK',
        connectionProperties: {},
        physicalConnectionRequirements: { subnetId, availabilityZone, securityGroupIdList: [group.attrGroupId] },
      },
    });
    Validations.of(connection).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'The zone is that of the subnet, which the settings name; Glue wants to be told both.',
    });
    this.connectionName = connection.ref;
    this.allowNetwork(role, name, subnetId);
  }

  private allowNetwork(role: Role, name: string, subnetId: string): void {
    const arn = (service: string, resource: string) => Stack.of(this).formatArn({ service, resource });
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    const interfaces = arn('ec2', 'network-interface/*');
    const places = [arn('ec2', `subnet/${subnetId}`), arn('ec2', `security-group/${this.securityGroupId}`)];
    allow(['glue:GetConnection'], [arn('glue', 'catalog'), arn('glue', `connection/${name}`)]);
    allow(['ec2:CreateNetworkInterface'], [interfaces, ...places]);
    allow(['ec2:DeleteNetworkInterface'], [interfaces]);
    allow(['ec2:CreateTags'], [interfaces], { 'ForAllValues:StringEquals': { 'aws:TagKeys': [GLUE_TAG] } });
    allow(
      LOOKS.map((what) => `ec2:Describe${what}`),
      ['*'],
    );
    acknowledgeWildcards(
      role,
      { resource: ':network-interface/*', reason: 'Network interfaces have no name before Glue makes them.' },
      { resource: '*', reason: 'What describes accepts no resource.' },
    );
  }
}
