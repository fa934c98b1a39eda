import { CustomResource, type Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type {
  DatabaseProperties,
  IntegrationProperties,
  NotificationProperties,
  RefreshProperties,
} from '../contracts/provisioning-properties';

interface PropertiesByType {
  'Custom::SnowflakeStorageIntegration': IntegrationProperties;
  'Custom::SnowflakeDatabase': DatabaseProperties;
  'Custom::PublishedTablesNotification': NotificationProperties;
  'Custom::ExternalTableRefresh': RefreshProperties;
}

/** What all resources of the warehouse have in common. */
export interface ProvisionedResourceProps {
  readonly functionArn: string;
  readonly answerTimeout: Duration;
  /** Raise it to have everything checked and repaired again. */
  readonly revision: number;
}

/** A resource that the provisioning function makes; its properties are those that the function checks. */
export class ProvisionedResource<Type extends keyof PropertiesByType> extends CustomResource {
  constructor(
    scope: Construct,
    id: string,
    type: Type,
    shared: ProvisionedResourceProps,
    properties: Omit<PropertiesByType[Type], 'ServiceToken' | 'ServiceTimeout' | 'Revision'>,
  ) {
    super(scope, id, {
      resourceType: type,
      serviceToken: shared.functionArn,
      serviceTimeout: shared.answerTimeout,
      properties: { ...properties, Revision: String(shared.revision) },
    });
  }
}
