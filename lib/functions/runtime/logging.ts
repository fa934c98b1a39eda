import { Logger } from '@aws-lambda-powertools/logger';

/** Structured log of the functions. Logs carry file ids and figures, never a record's contents. */
export const logger = new Logger({ serviceName: 'review-pipeline' });
