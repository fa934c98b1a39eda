"""A real Cassandra on one machine, which takes connections by TLS and password only."""
