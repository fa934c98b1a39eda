"""A real PostgreSQL on one machine, with TLS and logical decoding."""
