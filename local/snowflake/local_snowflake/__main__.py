"""Starts the local Snowflake: ``python -m local_snowflake --port N --state DIR --s3-endpoint URL``."""

import logging

from local_snowflake import options, server


def main() -> None:
    """Parse the command line and serve."""
    chosen = options.parse()
    logging.basicConfig(level=chosen.log_level)
    server.run(chosen)


if __name__ == "__main__":
    main()
