/**
 * Primary key of the one row of the ledger's table that is no file (those have a slash in `object`): the executions that start-batch has
 * started and has not seen ended. No index has it.
 */
export const RUNNING_EXECUTIONS_KEY = { object: 'running-executions', version_id: 'start-batch' } as const;
