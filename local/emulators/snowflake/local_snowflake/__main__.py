"""Starts the local Snowflake: ``python -m local_snowflake --port N --state DIR --s3-endpoint URL``."""

import gc
import logging
import tempfile
import warnings

from local_snowflake import options


def main() -> None:
    """Parse the command line and serve."""
    chosen = options.parse()
    logging.basicConfig(level=chosen.log_level)
    # fakesnow logs every statement, literals included; sqlglot warns of each that extensions answer.
    logging.getLogger("fakesnow.server").setLevel(chosen.log_level)
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    temporary = chosen.state / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(temporary)
    from local_snowflake import server  # only now: fakesnow makes a temporary folder when it is imported

    # Modules stay: no collection need look at them, nor come after every few hundred tokens of a statement.
    gc.freeze()
    gc.set_threshold(50_000)
    server.run(chosen)


if __name__ == "__main__":
    main()
