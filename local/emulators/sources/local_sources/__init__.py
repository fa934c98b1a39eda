"""The services that connectors ask, on one machine, with made-up reviews."""
