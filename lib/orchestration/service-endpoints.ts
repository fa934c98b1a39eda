import {
  InterfaceVpcEndpointAwsService,
  InterfaceVpcEndpointService,
  type ISecurityGroup,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { OrchestrationSettings } from '../config/orchestration-settings';

export interface ServiceEndpointsProps {
  readonly network: Extract<OrchestrationSettings['network'], { mode: 'new' }>;
  readonly privateWebserver: boolean;
  readonly subnets: SubnetSelection;
  /** Whoever is in this group reaches the endpoints. */
  readonly securityGroup: ISecurityGroup;
}

/** How `InvokeRestApi` reaches a private web server: it "cannot be invoked from outside of a VPC" (Amazon MWAA User Guide). */
const REST_API = { AirflowEnv: InterfaceVpcEndpointAwsService.AIRFLOW_ENV };

/**
 * What MWAA itself needs where there is no way out, besides S3's gateway.
 * "Creating the required VPC service endpoints in an Amazon VPC with private routing", Amazon MWAA User Guide.
 */
const REQUIRED_BY_MWAA = {
  ...REST_API,
  AirflowApi: InterfaceVpcEndpointAwsService.AIRFLOW_API,
  AirflowOps: InterfaceVpcEndpointAwsService.AIRFLOW_OPS,
  CloudWatch: InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
  CloudWatchLogs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Sqs: InterfaceVpcEndpointAwsService.SQS,
};

/** What the DAG needs in addition: its secrets, and where it reports failures. */
const REQUIRED_BY_THE_DAG = {
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Sns: InterfaceVpcEndpointAwsService.SNS,
};

/** Gives a VPC the interface endpoints that its way out, or the lack of one, makes necessary. */
export function addServiceEndpoints(vpc: IVpc, props: ServiceEndpointsProps): void {
  const { network, subnets, securityGroup } = props;
  const isolated = network.egress === 'endpoints';
  const shared = { subnets, securityGroups: [securityGroup], open: false };
  const services = {
    ...(props.privateWebserver && REST_API),
    ...(isolated && { ...REQUIRED_BY_MWAA, ...REQUIRED_BY_THE_DAG }),
  };
  for (const [name, service] of Object.entries(services)) {
    vpc.addInterfaceEndpoint(name, { ...shared, service, privateDnsEnabled: true });
  }
  network.interfaceEndpoints.forEach(({ serviceName, privateDns }, index) => {
    vpc.addInterfaceEndpoint(`Further${index + 1}`, {
      ...shared,
      service: new InterfaceVpcEndpointService(serviceName, 443),
      privateDnsEnabled: privateDns,
    });
  });
}
