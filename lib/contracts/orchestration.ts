import * as z from 'zod';
import contract from '../../contracts/orchestration.json';

/** Names that the DAG shares with those who call Airflow and with those who watch its metric. */
export const orchestrationContract = z
  .object({
    dagId: z.string().min(1),
    publishedAsset: z.string().min(1),
    metricsNamespace: z.string().min(1),
    environmentDimension: z.string().min(1),
    /** Batches whose outcome is known and whose rows Snowflake does not show, counted by every run of dbt. */
    lateBatchesMetric: z.string().min(1),
    /** From the arrival of a file to the end of the run of dbt that was the first to count it, by source. */
    queryableMetric: z.string().min(1),
    sourceDimension: z.string().min(1),
  })
  .parse(contract);
