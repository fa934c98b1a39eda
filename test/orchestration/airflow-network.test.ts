import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { EXISTING_NETWORK, ISOLATED_NETWORK, only, orchestrationTemplate } from '../support/orchestration';
import { flat, statementsOf } from '../support/policies';

const withNat = orchestrationTemplate({
  network: { mode: 'new', cidr: '10.20.0.0/16' },
});
const isolated = orchestrationTemplate(ISOLATED_NETWORK);
const existing = orchestrationTemplate({ network: EXISTING_NETWORK });
const publicWebserver = orchestrationTemplate({ webserverAccess: 'public' });

/** Endpoint services of a template, by the end of their names. */
function endpoints(template: Template, kind: 'Interface' | 'Gateway'): string[] {
  return Object.values(template.findResources('AWS::EC2::VPCEndpoint'))
    .filter(({ Properties }) => (Properties.VpcEndpointType ?? 'Gateway') === kind)
    .map(({ Properties }) => flat(Properties.ServiceName).replace(/^com\.amazonaws\.<AWS::Region>\./, ''))
    .sort();
}

const group = { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkSecurityGroup'), 'GroupId'] };
const functionGroup = { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkFunctionSecurityGroup'), 'GroupId'] };

describe('a new VPC with NAT', () => {
  it('has two private subnets in different zones, and a way out in each', () => {
    withNat.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.20.0.0/16', EnableDnsSupport: true });
    withNat.resourceCountIs('AWS::EC2::NatGateway', 2);
    const { NetworkConfiguration } = only<{ NetworkConfiguration: { SubnetIds: { Ref: string }[] } }>(
      withNat,
      'AWS::MWAA::Environment',
    ).properties;
    const subnets = NetworkConfiguration.SubnetIds.map(({ Ref }) => withNat.toJSON().Resources[Ref].Properties);
    expect(subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
      { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
      { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
    ]);
    expect(subnets.map(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch)).toEqual([false, false]);
  });

  it('gives no instance a public address, not even in the public subnets', () => {
    withNat.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  it('reaches S3 past the NAT gateways, and the API of a private web server from inside', () => {
    expect(endpoints(withNat, 'Gateway')).toEqual(['s3']);
    expect(endpoints(withNat, 'Interface')).toEqual(['airflow.env']);
  });

  it('needs no endpoint of the API where the web server is public', () => {
    expect(endpoints(publicWebserver, 'Interface')).toEqual([]);
  });

  it('keeps an encrypted log of all traffic', () => {
    withNat.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL', ResourceType: 'VPC' });
    withNat.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vpc/reviews-test-airflow',
      KmsKeyId: Match.anyValue(),
      RetentionInDays: 90,
    });
  });
});

describe('a new VPC with endpoints', () => {
  it('has no way to the internet', () => {
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::Route']) {
      isolated.resourceCountIs(type, 0);
    }
  });

  it("has MWAA's documented endpoints, what the DAG needs, and those of the settings", () => {
    expect(endpoints(isolated, 'Gateway')).toEqual(['s3']);
    expect(endpoints(isolated, 'Interface')).toEqual([
      'airflow.api',
      'airflow.env',
      'airflow.ops',
      'com.amazonaws.eu-west-1.codeartifact.repositories',
      'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0',
      'ecr.api',
      'ecr.dkr',
      'kms',
      'logs',
      'monitoring',
      'secretsmanager',
      'sns',
      'sqs',
    ]);
  });

  it('resolves the names of AWS services to the endpoints, in both subnets, for the security group of Airflow', () => {
    const resources = Object.values(isolated.findResources('AWS::EC2::VPCEndpoint'));
    const services = resources.filter(({ Properties }) => Properties.VpcEndpointType === 'Interface');
    for (const { Properties } of services) {
      expect(Properties.SubnetIds).toHaveLength(2);
      expect(Properties.SecurityGroupIds.map(flat)).toEqual([expect.stringMatching(/^<NetworkSecurityGroup/)]);
      expect(Properties.PrivateDnsEnabled).toBe(!flat(Properties.ServiceName).includes('.vpce-svc-'));
    }
  });
});

describe('an existing VPC', () => {
  it('is used as it is: nothing is made in it but security groups', () => {
    for (const type of ['AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::EC2::VPCEndpoint', 'AWS::EC2::NatGateway']) {
      existing.resourceCountIs(type, 0);
    }
    existing.allResourcesProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-0123456789abcdef0' });
    existing.hasResourceProperties('AWS::MWAA::Environment', {
      NetworkConfiguration: { SubnetIds: ['subnet-0aaaaaaaaaaaaaaaa', 'subnet-0bbbbbbbbbbbbbbbb'] },
    });
  });
});

describe.each([
  ['a new VPC with NAT', withNat],
  ['a new VPC with endpoints', isolated],
  ['an existing VPC', existing],
])('the security group in %s', (_network, template) => {
  it('lets in everything from itself, and lets everything out, as MWAA demands', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: group,
      SourceSecurityGroupId: group,
      IpProtocol: '-1',
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('^Airflow'),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' })],
    });
  });

  it('lets in HTTPS from the function, and nothing from any address', () => {
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: group,
      SourceSecurityGroupId: functionGroup,
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
    template.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });
});

describe('the function that calls Airflow', () => {
  it('is in the private subnets where the web server is private, and speaks HTTPS alone', () => {
    withNat.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-notify-airflow',
      VpcConfig: {
        SubnetIds: [
          { Ref: Match.stringLikeRegexp('PrivateSubnet1') },
          { Ref: Match.stringLikeRegexp('PrivateSubnet2') },
        ],
        SecurityGroupIds: [functionGroup],
      },
    });
    withNat.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('^Tells Airflow'),
      SecurityGroupEgress: [Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
    });
    const actions = statementsOf(withNat, 'PublishedEventsNotifyAirflowRole').flatMap((statement) => statement.actions);
    expect(actions).toContain('ec2:CreateNetworkInterface');
  });

  it('has network interfaces that Lambda makes, and may make none itself', () => {
    const denied = statementsOf(withNat, 'PublishedEventsNotifyAirflowRole').filter(({ effect }) => effect === 'Deny');
    expect(denied.flatMap(({ actions }) => actions)).toContain('ec2:CreateNetworkInterface');
    withNat.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: {
              ArnEquals: {
                'lambda:SourceFunctionArn': {
                  'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':function:reviews-test-notify-airflow$')])],
                },
              },
            },
          }),
        ]),
      },
    });
  });

  it('is outside of any VPC where the web server is public', () => {
    publicWebserver.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-notify-airflow',
      VpcConfig: Match.absent(),
    });
    publicWebserver.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    const actions = statementsOf(publicWebserver, 'PublishedEventsNotifyAirflowRole').flatMap(
      (statement) => statement.actions,
    );
    expect(actions.filter((action) => action.startsWith('ec2:'))).toEqual([]);
  });
});

describe('named availability zones', () => {
  it('are those of the subnets, without asking AWS', () => {
    const template = orchestrationTemplate(
      { network: { mode: 'new', availabilityZones: ['eu-central-1b', 'eu-central-1c'] } },
      { account: '111122223333', region: 'eu-central-1' },
    );
    const zones = Object.values(template.findResources('AWS::EC2::Subnet')).map(
      ({ Properties }) => Properties.AvailabilityZone,
    );
    expect([...new Set(zones)]).toEqual(['eu-central-1b', 'eu-central-1c']);
  });
});
