import type { Context } from 'aws-lambda';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseOrThrow } from '../runtime/parse';
import { connect } from '../snowflake/connection';
import { readCredentials } from '../snowflake/credentials';
import type { Connect, Driver } from '../snowflake/driver';
import { Progress } from '../snowflake/progress';
import { Session } from '../snowflake/session';
import { answer, type Outcome } from './provisioning/answer';
import { fulfil, NOTHING_MADE } from './provisioning/fulfil';
import { addressSchema, requestSchema } from './provisioning/request';

/** What is kept of the function's time for the answer (milliseconds): all its tries, and the end of the session in Snowflake. */
const ANSWER_MILLISECONDS = 25_000;

/**
 * Provisions the resources of the warehouse stack: CloudFormation sends a request and waits for an answer at a URL.
 *
 * Environment: `SNOWFLAKE_SECRET`, name of the secret with the login.
 */
export function handler(event: unknown, context: Context): Promise<void> {
  return provision(event, context, async (timeoutMilliseconds) =>
    connect(await readCredentials(requiredEnvironment('SNOWFLAKE_SECRET')), timeoutMilliseconds),
  );
}

/** As `handler`, with the login to use. */
export async function provision(event: unknown, context: Context, login: Connect): Promise<void> {
  logger.addContext(context);
  // Without an address nobody can be told; CloudFormation's own timeout ends the wait.
  const address = parseOrThrow(addressSchema, event, 'request of CloudFormation');
  const progress = new Progress(() => context.getRemainingTimeInMillis() - ANSWER_MILLISECONDS);
  let driver: Driver | undefined;
  let session: Promise<Session> | undefined;
  const beginSession = async (): Promise<Session> => {
    driver = await login(progress.remainingMilliseconds());
    return Session.begin(driver, progress);
  };

  const request = requestSchema.safeParse(event);
  const outcome: Outcome = request.success
    ? await fulfil(request.data, {
        progress,
        session: () => {
          session ??= beginSession();
          return session;
        },
      })
    : {
        Status: 'FAILED',
        PhysicalResourceId: address.PhysicalResourceId ?? NOTHING_MADE,
        Reason: `This function knows no such request: ${request.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}.`,
      };
  logger.info('Request fulfilled', { resource: address.LogicalResourceId, outcome });
  try {
    await answer(address, outcome);
  } finally {
    await driver?.close();
  }
}
