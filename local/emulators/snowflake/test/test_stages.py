"""Stages and file formats."""

import pytest
from conftest import Raw
from support import BUCKET, Session


def stage(raw: Raw, url: str, more: str = "") -> str:
    """A CREATE STAGE statement."""
    integration = f"STORAGE_INTEGRATION = {raw.database}_S3"
    return f"CREATE STAGE {raw.database}.RAW.S URL = '{url}' {integration} {more}"


@pytest.mark.parametrize(
    "url", [f"s3://{BUCKET}/other/", "s3://elsewhere/tables/", f"s3://{BUCKET}/tables-not/", f"s3://{BUCKET}"]
)
def test_a_stage_stays_within_its_integration(raw: Raw, url: str) -> None:
    code, sqlstate, message = raw.session.refusal(stage(raw, url))
    assert (code, sqlstate) == (3167, "42601")
    assert url in message
    assert f"{raw.database}_S3" in message


def test_a_stage_may_lie_deeper_than_its_integration_allows(raw: Raw) -> None:
    url = f"s3://{BUCKET}/tables/reviews/"
    format_name = f"{raw.database}.RAW.PARQUET"
    raw.session.run(stage(raw, url, f"FILE_FORMAT = (FORMAT_NAME = '{format_name}') COMMENT = 'c'"))
    described = {row["property"]: row for row in raw.session.records(f"DESC STAGE {raw.database}.RAW.S")}
    assert described["URL"]["property_value"] == f'["{url}"]'
    assert described["STORAGE_INTEGRATION"]["property_value"] == f"{raw.database}_S3"
    assert described["FORMAT_NAME"]["property_value"] == format_name
    (shown,) = raw.session.records(f"SHOW STAGES LIKE 's' IN SCHEMA {raw.database}.RAW")
    assert (shown["name"], shown["url"], shown["type"], shown["owner"]) == (
        "S",
        url,
        "EXTERNAL",
        "ACCOUNTADMIN",
    )


def test_altering_a_stage_is_checked_too(raw: Raw) -> None:
    name = f"{raw.database}.RAW.PUBLISHED"
    assert raw.session.refusal(f"ALTER STAGE {name} SET URL = 's3://elsewhere/'")[0] == 3167
    raw.session.run(f"ALTER STAGE {name} SET URL = 's3://{BUCKET}/tables/x/'")
    assert f"{BUCKET}/tables/x/" in str(raw.session.rows(f"DESC STAGE {name}"))
    assert raw.session.refusal(f"ALTER STAGE {raw.database}.RAW.NONE SET COMMENT = 'x'")[0] == 2003
    raw.session.run(f"ALTER STAGE IF EXISTS {raw.database}.RAW.NONE SET COMMENT = 'x'")


def test_replacing_the_integration_breaks_its_stages_until_they_are_given_it_again(raw: Raw) -> None:
    integration = f"{raw.database}_S3"
    raw.create()
    raw.session.run(
        f"CREATE OR REPLACE STORAGE INTEGRATION {integration} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3'"
        f" ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn' STORAGE_ALLOWED_LOCATIONS = ('s3://{BUCKET}/tables/')"
    )
    refresh = f"ALTER EXTERNAL TABLE {raw.table} REFRESH"
    assert "was replaced" in raw.session.refusal(refresh)[2]
    raw.session.run(
        f"ALTER STAGE {raw.database}.RAW.PUBLISHED SET STORAGE_INTEGRATION = {integration}", refresh
    )
    raw.session.run(f"DROP INTEGRATION {integration}")
    assert raw.session.refusal(refresh)[0] == 2003


@pytest.mark.parametrize(
    "options",
    [
        "URL = 's3://x/' CREDENTIALS = (AWS_KEY_ID = 'a' AWS_SECRET_KEY = 'b')",
        "URL = 's3://x/'",
        "DIRECTORY = (ENABLE = TRUE)",
        "",
    ],
)
def test_other_kinds_of_stages_are_refused(raw: Raw, options: str) -> None:
    assert raw.session.refusal(f"CREATE STAGE {raw.database}.RAW.S {options}")[:2] == (2, "0A000")
    assert raw.session.rows(f"SHOW STAGES LIKE 'S' IN SCHEMA {raw.database}.RAW") == []


def test_file_formats_are_created_altered_described_and_dropped(raw: Raw) -> None:
    name = f"{raw.database}.RAW.PARQUET"
    raw.session.run(
        f"CREATE FILE FORMAT IF NOT EXISTS {name} TYPE = PARQUET",
        f"ALTER FILE FORMAT {name} SET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE COMMENT = 'c'",
    )
    described = {
        row["property"]: row["property_value"] for row in raw.session.records(f"DESC FILE FORMAT {name}")
    }
    assert (described["TYPE"], described["USE_LOGICAL_TYPE"], described["BINARY_AS_TEXT"]) == (
        "PARQUET",
        "true",
        "false",
    )
    (shown,) = raw.session.records(f"SHOW FILE FORMATS IN SCHEMA {raw.database}.RAW")
    assert (shown["name"], shown["type"], shown["comment"]) == ("PARQUET", "PARQUET", "c")
    assert raw.session.refusal(f"CREATE FILE FORMAT {name} TYPE = PARQUET")[:2] == (2002, "42710")
    raw.session.run(f"DROP FILE FORMAT {name}")
    assert raw.session.refusal(f"DESC FILE FORMAT {name}")[:2] == (2003, "02000")


@pytest.mark.parametrize(
    "options", ["TYPE = CSV", "", "TYPE = PARQUET TRIM_SPACE = TRUE", "TYPE = PARQUET NULL_IF = ('x')"]
)
def test_formats_that_would_be_read_otherwise_are_refused(raw: Raw, options: str) -> None:
    assert raw.session.refusal(f"CREATE FILE FORMAT {raw.database}.RAW.F {options}")[:2] == (2, "0A000")


def test_names_of_schema_and_stage_may_be_short(raw: Raw, session: Session) -> None:
    session.run(f"USE SCHEMA {raw.database}.RAW")
    assert len(session.rows("SHOW STAGES")) == 1
    assert session.rows("DESC STAGE PUBLISHED") == session.rows(f"DESC STAGE {raw.database}.RAW.PUBLISHED")
