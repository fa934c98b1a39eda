import type { ChangeCaptureSettings } from '../config/change-capture-settings';
import { CHANGE_COLUMNS } from '../contracts/change-capture';

/** Largest value that a row may have (KB): a larger record is rejected by the jobs as well, and here it stops the task. */
const LARGEST_VALUE_KB = 16_384;

/** Percent sign and underscore stand for any text, unless in brackets. "Wildcards in table mapping", AWS DMS User Guide. */
const literally = (name: string): string => name.replaceAll('_', '[_]');

/** Which rows are captured, and what is said of each. "Table selection and transformations", AWS DMS User Guide. */
export function tableMappings({ schema, table }: Pick<ChangeCaptureSettings, 'schema' | 'table'>): string {
  const at = { 'schema-name': literally(schema), 'table-name': literally(table) };
  return JSON.stringify({
    rules: [
      {
        'rule-type': 'selection',
        'rule-id': '1',
        'rule-name': 'reviews',
        'object-locator': at,
        'rule-action': 'include',
      },
      {
        'rule-type': 'transformation',
        'rule-id': '2',
        'rule-name': 'place-in-the-log',
        'rule-target': 'column',
        'object-locator': at,
        'rule-action': 'add-column',
        value: CHANGE_COLUMNS.change,
        // Empty in the full load. "Using transformation rule expressions to define column content", AWS DMS User Guide.
        expression: '$AR_H_CHANGE_SEQ',
        'data-type': { type: 'string', length: 50 },
      },
    ],
  });
}

/** No row is skipped: what DMS cannot write stops the task, and the slot keeps it. "Error handling task settings". */
export const TASK_SETTINGS = JSON.stringify({
  TargetMetadata: {
    SupportLobs: true,
    // S3 as a target takes no other mode.
    FullLobMode: false,
    LimitedSizeLobMode: true,
    LobMaxSize: LARGEST_VALUE_KB,
  },
  FullLoadSettings: { TargetTablePrepMode: 'DO_NOTHING', StopTaskCachedChangesApplied: false },
  ChangeProcessingDdlHandlingPolicy: {
    HandleSourceTableAltered: true,
    HandleSourceTableDropped: true,
    HandleSourceTableTruncated: true,
  },
  ErrorBehavior: {
    DataErrorPolicy: 'STOP_TASK',
    DataTruncationErrorPolicy: 'STOP_TASK',
    TableErrorPolicy: 'STOP_TASK',
    ApplyErrorInsertPolicy: 'STOP_TASK',
    ApplyErrorUpdatePolicy: 'STOP_TASK',
    ApplyErrorDeletePolicy: 'STOP_TASK',
    FailOnNoTablesCaptured: true,
    RecoverableErrorCount: -1,
  },
  Logging: { EnableLogging: true },
});
