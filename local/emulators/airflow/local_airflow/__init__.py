"""The real Airflow on one machine: three processes, a database made ahead, one password."""
