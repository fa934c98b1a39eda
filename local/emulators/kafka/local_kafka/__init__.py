"""A real broker of Kafka on this machine, with TLS and a login, as the streams of an environment want it."""
