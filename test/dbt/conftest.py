"""One local AWS and one local Snowflake for the test session, and databases of their own for the tests."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = Path(__file__).parents[2] / "dbt"
sys.path.insert(0, str(PROJECT))

from processes import Server  # noqa: E402
from warehouse import Warehouse  # noqa: E402

@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    state = tmp_path_factory.mktemp("aws")
    started = Server.start("aws", "local_aws", state, "--warm", "0")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def snowflake_server(aws: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    state = tmp_path_factory.mktemp("snowflake")
    started = Server.start("snowflake", "local_snowflake", state, "--s3-endpoint", aws.endpoint)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PEM file of a key that dbt logs in with."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path_factory.mktemp("key") / "dbt.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


@pytest.fixture(scope="session")
def new_warehouse(
    aws: Server, snowflake_server: Server, private_key: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Warehouse]:
    """Makes a provisioned, empty warehouse."""
    numbers = itertools.count(1)
    s3: Any = boto3.client(
        "s3",
        endpoint_url=aws.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (the local AWS takes any)
        region_name="us-east-1",
    )

    def new() -> Warehouse:
        number = next(numbers)
        server = {"host": "127.0.0.1", "port": snowflake_server.port, "protocol": "http"}
        connection = snowflake.connector.connect(
            account="local", user="tests", password="none", insecure_mode=True, **server
        )
        database = f"REVIEWS_{number}"
        environment = {
            "SNOWFLAKE_ACCOUNT": "local",
            "SNOWFLAKE_USER": "REVIEWS_DBT",
            "SNOWFLAKE_PRIVATE_KEY_PATH": str(private_key),
            "SNOWFLAKE_ROLE": f"{database}_TRANSFORMER",
            "SNOWFLAKE_WAREHOUSE": f"{database}_WH",
            "SNOWFLAKE_DATABASE": database,
            "SNOWFLAKE_HOST": "127.0.0.1",
            "SNOWFLAKE_PORT": str(snowflake_server.port),
            "SNOWFLAKE_PROTOCOL": "http",
        }
        warehouse = Warehouse(
            database=database,
            bucket=f"reviews-processed-{number}",
            s3=s3,
            connection=connection,
            server_endpoint=snowflake_server.endpoint,
            connect_environment=environment,
            folder=tmp_path_factory.mktemp("dbt"),
        )
        warehouse.provision()
        return warehouse

    return new
