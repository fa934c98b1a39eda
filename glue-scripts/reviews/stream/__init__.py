"""Messages of a Kafka topic become files in the raw bucket, and from there on are files like all others."""
