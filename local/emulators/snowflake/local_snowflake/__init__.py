"""A Snowflake for one machine: fakesnow, extended by what the platform needs and by refusals of what it
cannot do."""
