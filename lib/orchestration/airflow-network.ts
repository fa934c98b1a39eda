import { Annotations, Fn, Validations } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { OrchestrationSettings } from '../config/orchestration-settings';
import type { Settings } from '../config/schema';
import { allowLogEncryption, PipelineLogGroup } from '../kit/log-group';
import type { FunctionNetwork } from '../kit/pipeline-function';
import { addServiceEndpoints } from './service-endpoints';

export interface AirflowNetworkProps {
  readonly network: OrchestrationSettings['network'];
  /** Whether the web server is reached from inside the VPC alone. */
  readonly privateWebserver: boolean;
  readonly flowLogGroupName: string;
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

type NewNetwork = Extract<OrchestrationSettings['network'], { mode: 'new' }>;
type ExistingNetwork = Extract<OrchestrationSettings['network'], { mode: 'existing' }>;

const HTTPS = Port.tcp(443);

/**
 * Two private subnets and the security group of Airflow's environment.
 * "About networking on Amazon MWAA", Amazon MWAA User Guide.
 */
export class AirflowNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: SecurityGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AirflowNetworkProps,
  ) {
    super(scope, id);
    const { network } = props;
    // The CDK's declarations are not written for exactOptionalPropertyTypes: a Vpc is an IVpc.
    this.vpc = network.mode === 'new' ? (this.createVpc(network) as IVpc) : this.importVpc(network);
    this.subnets = {
      subnets:
        network.mode === 'new' && network.egress === 'endpoints' ? this.vpc.isolatedSubnets : this.vpc.privateSubnets,
    };
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description: 'Airflow: schedulers, workers, web servers and their endpoints',
      // MWAA requires that all outbound traffic is allowed. Subnets and roles limit it.
      allowAllOutbound: true,
    });
    this.securityGroup.addIngressRule(this.securityGroup, Port.allTraffic(), 'All that belongs to the environment');
    if (network.mode === 'new') {
      addServiceEndpoints(this.vpc, {
        network,
        privateWebserver: props.privateWebserver,
        subnets: this.subnets,
        securityGroup: this.securityGroup,
      });
    }
  }

  /** Identifiers of the two subnets. */
  get subnetIds(): string[] {
    return this.vpc.selectSubnets(this.subnets).subnetIds;
  }

  /** Place of a function that calls Airflow from inside the VPC, and nothing else. */
  functionNetwork(description: string): FunctionNetwork {
    const securityGroup = new SecurityGroup(this, 'FunctionSecurityGroup', {
      vpc: this.vpc,
      description,
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(Peer.anyIpv4(), HTTPS, 'The endpoint of the API, whatever its address');
    this.securityGroup.addIngressRule(securityGroup, HTTPS, description);
    return { vpc: this.vpc, subnets: this.subnets, securityGroup };
  }

  private createVpc({ cidr, egress }: NewNetwork): Vpc {
    const isolated = egress === 'endpoints';
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      // One in each zone: the loss of a zone must not cut off the other.
      natGateways: isolated ? 0 : 2,
      subnetConfiguration: isolated
        ? [{ name: 'Private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }]
        : [
            { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
            { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
          ],
      // Costs nothing; otherwise the NAT gateway would bill the traffic to S3.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    Validations.of(vpc).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'Zones are named in the settings where account and region are: else synthesis would have to ask AWS.',
    });
    const logGroup = new PipelineLogGroup(this, 'FlowLog', {
      logGroupName: this.props.flowLogGroupName,
      encryptionKey: this.props.encryptionKey,
      retentionDays: this.props.logRetentionDays,
    });
    const role = new Role(this, 'FlowLogRole', {
      description: 'Lets the VPC write its flow log',
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com'),
    });
    allowLogEncryption(role, this.props.encryptionKey);
    vpc.addFlowLog('FlowLog', { destination: FlowLogDestination.toCloudWatchLogs(logGroup, role) });
    return vpc;
  }

  private importVpc({ vpcId, privateSubnetIds }: ExistingNetwork): IVpc {
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId,
      // The CDK requires zones here, but their values change nothing: the subnets already exist.
      availabilityZones: privateSubnetIds.map((_, index) => Fn.select(index, Fn.getAzs())),
      privateSubnetIds,
    });
    for (const subnet of vpc.privateSubnets) {
      Annotations.of(subnet).acknowledgeWarning(
        '@aws-cdk/aws-ec2:noSubnetRouteTableId',
        'Nothing here changes the routes of a VPC that others own.',
      );
    }
    return vpc;
  }
}
