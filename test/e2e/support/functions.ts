import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { clientOptions } from '../../../local/platform/aws-clients';
import type { Platform } from '../../../local/platform/platform';

/** Changes variables of a function's environment, as a deployment with other settings would. */
export async function configureFunction({ endpoint }: Platform, name: string, variables: Record<string, string>) {
  const client = new LambdaClient(clientOptions(endpoint));
  const FunctionName = `reviews-local-${name}`;
  const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables = { ...Environment?.Variables, ...variables };
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
}
