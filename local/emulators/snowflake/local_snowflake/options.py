"""Command line of the local Snowflake."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from local_snowflake.governance.edition import EDITIONS


@dataclass(frozen=True)
class Options:
    """What one instance of the local Snowflake is started with.

    state: folder for everything the instance writes; databases and files survive in it.
    s3_endpoint: URL of the AWS that serves S3 and SQS.
    notification_queue_name: the queue that plays Snowflake's notification channel.
    public_key: PEM file of the key that users nobody created must log in with; without it they log in freely.
    user: the only user that public_key is for; any user without it.
    edition: of the account: what the Standard edition lacks is refused.
    """

    port: int
    state: Path
    s3_endpoint: str
    notification_queue_name: str
    public_key: Path | None
    user: str | None
    edition: str
    region: str
    log_level: str

    @property
    def endpoint(self) -> str:
        """URL under which the instance serves Snowflake's protocol."""
        return f"http://127.0.0.1:{self.port}"


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; exits with a usage message if it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m local_snowflake", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for everything that is written")
    parser.add_argument("--s3-endpoint", required=True, help="URL of the local AWS (S3 and SQS)")
    parser.add_argument(
        "--notification-queue-name",
        default="sf-snowpipe-local",
        help="SQS queue of S3 notifications (default: %(default)s)",
    )
    parser.add_argument("--public-key", type=Path, help="PEM public key that a login must prove it owns")
    parser.add_argument("--user", help="the only user that --public-key is for (default: any)")
    parser.add_argument(
        "--edition", default="enterprise", choices=EDITIONS, help="of the account (default: %(default)s)"
    )
    parser.add_argument("--region", default="us-east-1", help="AWS region (default: %(default)s)")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    values = vars(parser.parse_args(arguments))
    values["state"] = values["state"].resolve()
    return Options(**values)
