"""AWS DMS: replication tasks of templates, run by the local DMS."""
