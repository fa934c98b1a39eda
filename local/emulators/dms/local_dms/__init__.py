"""AWS DMS on one machine: changes of a real PostgreSQL, as files in the form that DMS writes to S3."""
