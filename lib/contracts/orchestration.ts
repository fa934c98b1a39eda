import * as z from 'zod';
import contract from '../../contracts/orchestration.json';

/** Names that the DAG and those who call Airflow share. */
export const orchestrationContract = z
  .object({ dagId: z.string().min(1), publishedAsset: z.string().min(1) })
  .parse(contract);
