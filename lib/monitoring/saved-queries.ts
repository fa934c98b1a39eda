import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface SavedQueriesProps {
  /** Folder that the queries are in. */
  readonly prefix: string;
  /** Functions whose logs they read, by their names without the prefix. */
  readonly functions: Readonly<Record<string, IFunction>>;
}

const FIELDS = ['@timestamp', 'level', 'function_name', 'message', 'batchId', 'fileId', 'error.message'];

/** What is asked of the logs, by what it answers; the text to replace stands in capitals. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'one file': ['@message like /FILE_ID_OR_KEY/'],
  'one batch or execution': ['@message like /BATCH_ID_OR_EXECUTION_NAME/'],
  'errors and warnings': ['level in ["ERROR", "WARN", "CRITICAL"]'],
};

/** Queries of CloudWatch Logs Insights that are there when somebody needs them: one follows one file through all functions. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { prefix, functions }: SavedQueriesProps) {
    super(scope, id);
    const logGroups = Object.entries(functions).map(([name, { functionName }]) =>
      LogGroup.fromLogGroupName(this, `${name}-log`, `/aws/lambda/${functionName}`),
    );
    for (const [name, filterStatements] of Object.entries(QUERIES)) {
      new QueryDefinition(this, name, {
        queryDefinitionName: `${prefix}/${name}`,
        logGroups,
        queryString: new QueryString({
          fields: FIELDS,
          filterStatements: [...filterStatements],
          sort: '@timestamp asc',
        }),
      });
    }
  }
}
