"""What the DAG reviews_dbt is made of: runs of dbt, what is kept of them, and who is told when one fails."""
