import { AwsClient } from 'aws4fetch';
import * as z from 'zod';
import { requiredEnvironment } from '../../runtime/environment';
import { AirflowRefusedError, AirflowUnavailableError } from './airflow-errors';

/** A call of Airflow's REST API; the path begins behind `/api/v2`. */
export interface ApiCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * What MWAA answers: with 200 what Airflow said, with 400 the same for an error of Airflow's, or a message of its own.
 * "InvokeRestApi", Amazon MWAA API Reference.
 */
const answerSchema = z.object({
  RestApiStatusCode: z.int().optional(),
  RestApiResponse: z.unknown().optional(),
  message: z.string().optional(),
});

type Answer = z.infer<typeof answerSchema>;

/** MWAA gives up on Airflow after 10 seconds ("Using the Apache Airflow REST API", Amazon MWAA User Guide); the rest is the network. */
const MAX_CALL_MILLISECONDS = 15_000;

/** Part of the function's time that is kept for its own error (milliseconds). */
const RESERVE_MILLISECONDS = 1_000;

/** How often the signer repeats a call that MWAA answers with 429 or 5xx; after that the queue repeats it. */
const RETRIES = 2;

const MAX_TEXT_LENGTH_SHOWN = 300;

/**
 * Airflow's REST API through MWAA's InvokeRestApi, with the function's own credentials. There is no SDK client here: the request is
 * signed as it stands in the API reference.
 */
export class RestApi {
  private readonly url: string;

  /**
   * @param environmentName of the MWAA environment
   * @param remainingMilliseconds how long the function may still run
   */
  constructor(
    environmentName: string,
    private readonly remainingMilliseconds: () => number,
  ) {
    this.url = `${endpoint()}/restapi/${encodeURIComponent(environmentName)}`;
  }

  /**
   * What Airflow answers, checked.
   *
   * @throws AirflowUnavailableError if there is no answer, or one that passes by itself
   * @throws AirflowRefusedError if the call is refused, or the answer is not as the schema says
   */
  async call<T extends z.ZodType>(schema: T, call: ApiCall): Promise<z.output<T>> {
    const what = `${call.method} ${call.path}`;
    const response = await this.send(call, what);
    const answer = await readAnswer(response, what);
    const status = answer.RestApiStatusCode ?? response.status;
    if (!response.ok || status >= 400) throw failure(what, status, answer);
    const result = schema.safeParse(answer.RestApiResponse);
    if (result.success) return result.data;
    throw new AirflowRefusedError(
      `${what}: Airflow answered ${status} with something other than expected (${z.prettifyError(result.error)}). Is orchestration.airflowVersion one whose REST API is version 2?`,
    );
  }

  private async send({ method, path, query, body }: ApiCall, what: string): Promise<Response> {
    const signer = new AwsClient({
      // Of the function's role; Lambda renews them.
      accessKeyId: requiredEnvironment('AWS_ACCESS_KEY_ID'),
      secretAccessKey: requiredEnvironment('AWS_SECRET_ACCESS_KEY'),
      ...(process.env.AWS_SESSION_TOKEN && { sessionToken: process.env.AWS_SESSION_TOKEN }),
      service: 'airflow',
      region: requiredEnvironment('AWS_REGION'),
      retries: RETRIES,
    });
    const remaining = Math.max(this.remainingMilliseconds() - RESERVE_MILLISECONDS, 1);
    try {
      return await signer.fetch(this.url, {
        method: 'POST',
        // A connection kept open would be dead when Lambda thaws the function for its next messages.
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        body: JSON.stringify({
          Method: method,
          Path: path,
          ...(query && { QueryParameters: query }),
          ...(body !== undefined && { Body: body }),
        }),
        signal: AbortSignal.timeout(Math.min(MAX_CALL_MILLISECONDS, remaining)),
      });
    } catch (error) {
      const { name, message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message} (${cause.message})` : message;
      throw new AirflowUnavailableError(
        `${what}: ${new URL(this.url).host} cannot be reached: ${name}: ${reason}. Look at the state of the environment, and whether the function's subnets lead to MWAA's endpoint airflow.env.`,
        { cause: error },
      );
    }
  }
}

/** Of MWAA's API for what is inside environments; AWS_ENDPOINT_URL stands for all of AWS on one machine. */
function endpoint(): string {
  const { AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL
    ? AWS_ENDPOINT_URL.replace(/\/$/, '')
    : `https://env.airflow.${requiredEnvironment('AWS_REGION')}.amazonaws.com`;
}

async function readAnswer(response: Response, what: string): Promise<Answer> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw new AirflowUnavailableError(`${what}: the answer broke off: ${(error as Error).message}.`, { cause: error });
  }
  const result = answerSchema.safeParse(json(text));
  if (result.success) return result.data;
  // A proxy's page, or no JSON at all: only the status says something.
  if (!response.ok) return {};
  throw new AirflowRefusedError(`${what}: MWAA answered ${response.status}, but not in JSON: ${shown(text)}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(what: string, status: number, answer: Answer): Error {
  const who = answer.RestApiStatusCode === undefined ? 'MWAA' : 'Airflow';
  const said = answer.message ?? (answer.RestApiResponse === undefined ? '' : JSON.stringify(answer.RestApiResponse));
  const text = `${what}: ${who} answered ${status}${said && `: ${shown(said)}`}.`;
  if (status === 429 || status >= 500) {
    return new AirflowUnavailableError(
      `${text} It is tried again; if it lasts, look at the environment's web server log.`,
    );
  }
  if (status === 401 || status === 403) {
    return new AirflowRefusedError(
      `${text} The function's role must allow airflow:InvokeRestApi for a role of Airflow that may create asset events.`,
    );
  }
  return new AirflowRefusedError(`${text} Compare the call with the REST API of the environment's version of Airflow.`);
}

function shown(text: string): string {
  return text.length > MAX_TEXT_LENGTH_SHOWN ? `${text.slice(0, MAX_TEXT_LENGTH_SHOWN)}…` : text;
}
