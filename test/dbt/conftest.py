"""One local AWS, one local Snowflake and one warehouse for the whole test session."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

# The project's own script is imported, too: it is part of no package.
sys.path.insert(0, str(Path(__file__).parents[2] / "dbt"))

from emulator_process import Server
from moments import Moment, tell
from warehouse import Warehouse

_DATABASE = "REVIEWS_TEST"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server.start("aws", tmp_path_factory.mktemp("aws"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def local_snowflake(aws: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    state = tmp_path_factory.mktemp("snowflake")
    started = Server.start("snowflake", state, "--s3-endpoint", aws.endpoint)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PEM file of the key that everyone logs in with."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path_factory.mktemp("key") / "dbt.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


@pytest.fixture(scope="session")
def empty_warehouse(
    aws: Server, local_snowflake: Server, private_key: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """A provisioned warehouse before its first file."""
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3: Any = boto3.client("s3", endpoint_url=aws.endpoint, region_name="us-east-1", **credentials)
    connection = snowflake.connector.connect(
        account="local",
        user="tests",
        private_key_file=str(private_key),
        host="127.0.0.1",
        port=local_snowflake.port,
        protocol="http",
        # A new account's clock is that of Los Angeles; dbt's user brings its own.
        session_parameters={"TIMEZONE": "UTC"},
    )
    warehouse = Warehouse(
        database=_DATABASE,
        bucket="reviews-processed",
        s3=s3,
        connection=connection,
        server_endpoint=local_snowflake.endpoint,
        connect_environment={
            "SNOWFLAKE_ACCOUNT": "local",
            "SNOWFLAKE_USER": f"{_DATABASE}_DBT",
            "SNOWFLAKE_PRIVATE_KEY_PATH": str(private_key),
            "SNOWFLAKE_ROLE": f"{_DATABASE}_TRANSFORMER",
            "SNOWFLAKE_WAREHOUSE": f"{_DATABASE}_WH",
            "SNOWFLAKE_DATABASE": _DATABASE,
            "SNOWFLAKE_GOVERNANCE": "true",
            "SNOWFLAKE_HOST": "127.0.0.1",
            "SNOWFLAKE_PORT": str(local_snowflake.port),
            "SNOWFLAKE_PROTOCOL": "http",
        },
        folder=tmp_path_factory.mktemp("dbt"),
    )
    warehouse.provision()
    yield warehouse
    connection.close()


@pytest.fixture(scope="session")
def moments(empty_warehouse: Warehouse) -> dict[str, Moment]:
    """The story's moments by name, in their order."""
    return tell(empty_warehouse)


@pytest.fixture(scope="session")
def warehouse(empty_warehouse: Warehouse, moments: dict[str, Moment]) -> Warehouse:
    """The warehouse at the end of the story."""
    assert moments
    return empty_warehouse
