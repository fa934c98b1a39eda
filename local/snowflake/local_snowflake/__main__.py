"""Starts the local Snowflake: ``python -m local_snowflake --port N --state DIR --s3-endpoint URL``."""

import logging
import warnings

from local_snowflake import options, server


def main() -> None:
    """Parse the command line and serve."""
    chosen = options.parse()
    logging.basicConfig(level=chosen.log_level)
    # fakesnow logs every statement, literals included; sqlglot warns of each that extensions answer.
    logging.getLogger("fakesnow.server").setLevel(chosen.log_level)
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    server.run(chosen)


if __name__ == "__main__":
    main()
