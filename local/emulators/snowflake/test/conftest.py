"""One local AWS and one local Snowflake for the session, a database of its own for every test that asks."""
# ruff: noqa: S608 (queries of the tests' own tables)

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import REGION, Server
from support import BUCKET, QUEUE, Session, file_of, key_of, start_snowflake

_NUMBERS = itertools.count(1)

COLUMNS = """
    REVIEW_KEY VARCHAR AS (VALUE:"review_key"::VARCHAR),
    RATING FLOAT AS (VALUE:"rating"::FLOAT),
    VOTES NUMBER(38,0) AS (VALUE:"votes"::NUMBER(38,0)),
    CREATED_AT TIMESTAMP_NTZ AS (VALUE:"created_at"::TIMESTAMP_NTZ),
    TAGS ARRAY AS (VALUE:"tags"::ARRAY),
    INGEST_DATE DATE AS (TO_DATE(SPLIT_PART(SPLIT_PART(METADATA$FILENAME, 'ingest_date=', 2), '/', 1))),
    BATCH_ID VARCHAR AS (SPLIT_PART(SPLIT_PART(METADATA$FILENAME, 'batch_id=', 2), '/', 1))
"""


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local AWS."""
    started = Server.start("aws", tmp_path_factory.mktemp("aws"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def server(aws: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The local Snowflake that the tests share."""
    started = start_snowflake(tmp_path_factory.mktemp("snowflake"), aws, queue=QUEUE)
    yield started
    started.stop()


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """A session of an administrator."""
    opened = Session(server)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def s3(aws: Server) -> Any:
    """A client of S3, with the bucket of published files."""
    client = boto3.client(
        "s3",
        endpoint_url=aws.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (the local AWS takes any)
    )
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"T{next(_NUMBERS)}"


@dataclass
class Raw:
    """A database with a stage, and a folder of published files that is its own."""

    session: Session
    s3: Any
    database: str

    @property
    def table(self) -> str:
        """Qualified name of the external table that ``create`` makes."""
        return f"{self.database}.RAW.REVIEWS"

    @property
    def folder(self) -> str:
        """The table's folder below ``tables/``."""
        return self.database.lower()

    def create(
        self,
        options: str = "AUTO_REFRESH = FALSE",
        columns: str = COLUMNS,
        *,
        verb: str = "CREATE",
        end: str = "",
    ) -> None:
        """Create the external table."""
        self.session.run(
            f"{verb} EXTERNAL TABLE {self.table} ({columns}) PARTITION BY (INGEST_DATE, BATCH_ID)"
            f" LOCATION = @{self.database}.RAW.PUBLISHED/{self.folder}/ {options}"
            " PATTERN = '.*/part-[^/]*[.]parquet'"
            f" FILE_FORMAT = (FORMAT_NAME = '{self.database}.RAW.PARQUET') {end}"
        )

    def put(self, rows: list[dict[str, Any]], day: str, batch: str, file: str = "part-0.parquet") -> str:
        """Publish a file; returns its key."""
        key = key_of(self.folder, day, batch, file)
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=file_of(rows))
        return key

    def refresh(self) -> list[tuple[Any, ...]]:
        """Refresh the table."""
        return self.session.rows(f"ALTER EXTERNAL TABLE {self.table} REFRESH")

    def count(self) -> int:
        """How many rows the table has."""
        return int(self.session.value(f"SELECT COUNT(*) FROM {self.table}"))


@pytest.fixture
def raw(session: Session, s3: Any, name: str) -> Iterator[Raw]:
    """A database that is ready for an external table."""
    session.run(
        f"CREATE DATABASE {name}",
        f"CREATE SCHEMA {name}.RAW",
        f"CREATE STORAGE INTEGRATION {name}_S3 TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        " STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/reader'"
        f" STORAGE_ALLOWED_LOCATIONS = ('s3://{BUCKET}/tables/')",
        f"CREATE FILE FORMAT {name}.RAW.PARQUET TYPE = PARQUET",
        f"CREATE STAGE {name}.RAW.PUBLISHED URL = 's3://{BUCKET}/tables/' STORAGE_INTEGRATION = {name}_S3",
    )
    yield Raw(session, s3, name)
    session.run(f"DROP DATABASE IF EXISTS {name}", f"DROP INTEGRATION IF EXISTS {name}_S3")


@pytest.fixture
def schema(session: Session, name: str) -> Iterator[str]:
    """A schema that is its own, current in the session."""
    session.run(f"CREATE DATABASE {name}", f"CREATE SCHEMA {name}.S")
    yield f"{name}.S"
    session.run(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture
def open_session(server: Server) -> Iterator[Callable[..., Session]]:
    """Opens further sessions, and closes them."""
    opened: list[Session] = []

    def open_one(**parameters: Any) -> Session:
        opened.append(Session(server, **parameters))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
