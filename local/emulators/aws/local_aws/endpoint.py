"""A client of this server's own API, for extensions that do what a Lambda of the CDK would do."""

from typing import Any

import boto3  # type: ignore[import-untyped]

from local_aws.options import Options


def client(options: Options, service: str) -> Any:
    """A client in the account that the stacks are deployed to.

    Never use it on the event loop, which has to answer it.
    """
    return boto3.client(
        service,
        endpoint_url=options.endpoint,
        region_name=options.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (the local AWS checks no signature)
    )
