"""External tables: typed columns out of Parquet files and their paths, and nothing before a refresh."""
# ruff: noqa: S608 (queries of the tests' own tables)

import datetime
import io
import json

import pyarrow.parquet as parquet
import pytest
from conftest import COLUMNS, Raw
from snowflake.connector.errors import ProgrammingError
from support import BUCKET, file_of, key_of, review


def test_columns_have_the_values_of_the_files_and_of_their_paths(raw: Raw) -> None:
    raw.put([review(1)], "2026-11-20", "b1")
    raw.create()
    (row,) = raw.session.records(f"SELECT * FROM {raw.table}")
    assert json.loads(row.pop("VALUE"))["review_key"] == "r1"
    assert json.loads(row.pop("TAGS")) == ["a", "b"]
    assert row == {
        "REVIEW_KEY": "r1",
        "RATING": 1.5,
        "VOTES": 1,
        "CREATED_AT": datetime.datetime(2026, 1, 1, 12, 0, 1),
        "INGEST_DATE": datetime.date(2026, 11, 20),
        "BATCH_ID": "b1",
    }


def test_a_file_is_not_visible_before_a_refresh(raw: Raw) -> None:
    first = raw.put([review(1)], "2026-11-20", "b1")
    raw.create("AUTO_REFRESH = FALSE REFRESH_ON_CREATE = FALSE")
    assert raw.count() == 0
    assert raw.refresh() == [(first, "REGISTERED_NEW", "File registered successfully.")]
    second = raw.put([review(2)], "2026-11-21", "b2")
    assert raw.count() == 1
    assert [row[:2] for row in raw.refresh()] == [(second, "REGISTERED_NEW")]
    assert raw.count() == 2
    assert raw.refresh() == []


def test_removed_and_overwritten_files_are_seen_at_the_next_refresh(raw: Raw) -> None:
    first = raw.put([review(1), review(2)], "2026-11-20", "b1")
    second = raw.put([review(3)], "2026-11-21", "b2")
    raw.create()
    raw.s3.delete_object(Bucket=BUCKET, Key=first)
    raw.put([review(4), review(5), review(6)], "2026-11-21", "b2")
    assert raw.count() == 3
    assert {row[:2] for row in raw.refresh()} == {(first, "UNREGISTERED"), (second, "REGISTERED_UPDATE")}
    assert {row[0] for row in raw.session.rows(f"SELECT REVIEW_KEY FROM {raw.table}")} == {"r4", "r5", "r6"}


def test_refresh_of_a_path_looks_below_it_only(raw: Raw) -> None:
    raw.create()
    raw.put([review(1)], "2026-11-20", "b1")
    raw.put([review(2)], "2026-11-21", "b2")
    raw.session.run(f"ALTER EXTERNAL TABLE {raw.table} REFRESH 'ingest_date=2026-11-21/'")
    assert raw.session.rows(f"SELECT REVIEW_KEY FROM {raw.table}") == [("r2",)]


def test_only_the_owner_is_told_whether_a_table_listens(raw: Raw) -> None:
    raw.create("AUTO_REFRESH = TRUE")
    asked = f"SELECT SYSTEM$EXTERNAL_TABLE_PIPE_STATUS('{raw.table}') AS STATUS"
    assert json.loads(raw.session.rows(asked)[0][0])["executionState"] == "RUNNING"
    raw.session.run(f"ALTER EXTERNAL TABLE {raw.table} SET AUTO_REFRESH = FALSE")
    assert json.loads(raw.session.rows(asked)[0][0])["executionState"] == "PAUSED"
    raw.session.run("CREATE ROLE IF NOT EXISTS ONLOOKER")
    raw.session.run("USE ROLE ONLOOKER")
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        raw.session.rows(asked)
    raw.session.run("USE ROLE ACCOUNTADMIN")


def test_pattern_leaves_out_what_is_not_committed(raw: Raw) -> None:
    raw.put([review(1)], "2026-11-20", "b1")
    raw.put([review(2)], "2026-11-20", "b1", "_temporary-0.parquet")
    raw.put([review(3)], "2026-11-20", "b1", "part-0.parquet.crc")
    raw.create()
    assert raw.session.rows(f"SELECT REVIEW_KEY FROM {raw.table}") == [("r1",)]


def test_files_of_different_schemas_make_one_table(raw: Raw) -> None:
    old = review(1)
    del old["votes"]
    raw.put([old], "2026-11-20", "b1")
    raw.put([review(2, extra="new")], "2026-11-21", "b2")
    raw.create()
    rows = raw.session.rows(f"SELECT REVIEW_KEY, VOTES, VALUE:extra::VARCHAR FROM {raw.table} ORDER BY 1")
    assert rows == [("r1", None, None), ("r2", 2, "new")]


def test_names_in_files_are_told_apart_by_case(raw: Raw) -> None:
    raw.put([review(1)], "2026-11-20", "b1")
    raw.create(columns=COLUMNS + ', WRONG VARCHAR AS (VALUE:"Review_Key"::VARCHAR)')
    assert raw.session.rows(f"SELECT REVIEW_KEY, WRONG FROM {raw.table}") == [("r1", None)]


def test_a_column_added_later_reads_the_files_there_are(raw: Raw) -> None:
    raw.put([review(1, extra="x")], "2026-11-20", "b1")
    raw.create()
    add = f"ALTER TABLE {raw.table} ADD COLUMN EXTRA VARCHAR AS (VALUE:extra::VARCHAR)"
    raw.session.run(add)
    assert raw.session.value(f"SELECT EXTRA FROM {raw.table}") == "x"
    assert raw.session.refusal(add)[0] == 2002
    # "ALTER EXTERNAL TABLE" names neither columns nor comments.
    assert raw.session.refusal(add.replace("TABLE", "EXTERNAL TABLE", 1))[1] == "0A000"
    assert raw.session.refusal(f"ALTER EXTERNAL TABLE {raw.table} SET COMMENT = 'c'")[0] is not None
    raw.session.run(f"ALTER TABLE {raw.table} DROP COLUMN EXTRA")
    assert raw.session.refusal(f"SELECT EXTRA FROM {raw.table}")[1] == "02000"


def test_it_is_shown_and_described_as_an_external_table(raw: Raw) -> None:
    raw.create("AUTO_REFRESH = TRUE COMMENT = 'it''s mine'")
    (shown,) = raw.session.records(f"SHOW EXTERNAL TABLES LIKE 'reviews' IN SCHEMA {raw.database}.RAW")
    assert shown["name"] == "REVIEWS"
    assert shown["notification_channel"] == "arn:aws:sqs:us-east-1:999999999999:sf-snowpipe-test"
    assert shown["comment"] == "it's mine"
    assert shown["location"] == f"@{raw.database}.RAW.PUBLISHED/{raw.folder}/"
    described = {row["name"]: row for row in raw.session.records(f"DESC EXTERNAL TABLE {raw.table}")}
    assert (described["VOTES"]["type"], described["VOTES"]["kind"]) == ("NUMBER(38,0)", "VIRTUAL")
    assert (described["REVIEW_KEY"]["type"], described["CREATED_AT"]["type"]) == (
        "VARCHAR(16777216)",
        "TIMESTAMP_NTZ(9)",
    )
    assert described["VOTES"]["expression"] == 'VALUE:"votes"::NUMBER(38,0)'
    raw.session.run(f"ALTER EXTERNAL TABLE {raw.table} SET AUTO_REFRESH = FALSE")
    (shown,) = raw.session.records(f"SHOW EXTERNAL TABLES IN {raw.database}.RAW")
    assert shown["notification_channel"] is None


def test_its_files_can_be_asked_for(raw: Raw) -> None:
    key = raw.put([review(1)], "2026-11-20", "b1")
    raw.create()
    function = f"TABLE({raw.database}.INFORMATION_SCHEMA.EXTERNAL_TABLE_FILES(TABLE_NAME => '{raw.table}'))"
    (file,) = raw.session.records(f"SELECT * FROM {function}")
    assert file["FILE_NAME"] == key
    assert file["FILE_SIZE"] == raw.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]


def test_replacing_keeps_nothing_and_dropping_leaves_the_files(raw: Raw) -> None:
    key = raw.put([review(1)], "2026-11-20", "b1")
    raw.create()
    statement = (
        f"EXTERNAL TABLE {raw.table} LOCATION = @{raw.database}.RAW.PUBLISHED/{raw.folder}/"
        " AUTO_REFRESH = FALSE FILE_FORMAT = (TYPE = PARQUET)"
    )
    assert raw.session.refusal(f"CREATE {statement}")[:2] == (2002, "42710")
    raw.session.run(f"CREATE OR REPLACE {statement} COPY GRANTS COMMENT = 'c'")
    assert [column[0] for column in raw.session.rows(f"DESC EXTERNAL TABLE {raw.table}")] == ["VALUE"]
    raw.session.run(f"DROP EXTERNAL TABLE {raw.table}", f"DROP EXTERNAL TABLE IF EXISTS {raw.table}")
    assert raw.session.refusal(f"SELECT * FROM {raw.table}")[0] == 2003
    assert raw.session.refusal(f"DROP EXTERNAL TABLE {raw.table}")[0] == 2003
    assert raw.s3.head_object(Bucket=BUCKET, Key=key)


def test_a_file_that_cannot_be_scanned_is_registered_and_skipped_silently(raw: Raw) -> None:
    """ "Introduction to external tables", Snowflake user guide."""
    raw.create()
    good = raw.put([review(1)], "2026-11-20", "b1")
    whole = raw.s3.get_object(Bucket=BUCKET, Key=good)["Body"].read()
    no_parquet, truncated = good.replace("b1", "b2"), good.replace("b1", "b3")
    raw.s3.put_object(Bucket=BUCKET, Key=no_parquet, Body=b"not parquet")
    raw.s3.put_object(Bucket=BUCKET, Key=truncated, Body=whole[:-20])
    assert {row[:2] for row in raw.refresh()} == {
        (key, "REGISTERED_NEW") for key in (good, no_parquet, truncated)
    }
    assert raw.session.rows(f"SELECT BATCH_ID FROM {raw.table}") == [("b1",)]
    raw.s3.put_object(Bucket=BUCKET, Key=truncated, Body=whole)
    assert [row[:2] for row in raw.refresh()] == [(truncated, "REGISTERED_UPDATE")]
    assert raw.session.rows(f"SELECT BATCH_ID FROM {raw.table} ORDER BY 1") == [("b1",), ("b3",)]


def test_of_a_damaged_file_the_rows_before_the_damage_are_read(raw: Raw) -> None:
    raw.create()
    content = bytearray(file_of([review(number) for number in range(1, 5)], rows_of_a_group=2))
    damaged = parquet.ParquetFile(io.BytesIO(content)).metadata.row_group(1).column(0)
    start = damaged.dictionary_page_offset or damaged.data_page_offset
    content[start : start + 20] = b"\xff" * 20
    raw.s3.put_object(Bucket=BUCKET, Key=key_of(raw.folder, "2026-11-20", "b1"), Body=bytes(content))
    assert [row[1] for row in raw.refresh()] == ["REGISTERED_NEW"]
    assert raw.session.rows(f"SELECT REVIEW_KEY FROM {raw.table} ORDER BY 1") == [("r1",), ("r2",)]


def test_a_path_without_a_date_is_reported(raw: Raw) -> None:
    raw.create()
    raw.put([review(1)], "yesterday", "b1")
    ((_, status, description),) = raw.refresh()
    assert (status, "yesterday" in description) == ("REGISTER_FAILED", True)


@pytest.mark.parametrize(
    ("columns", "options", "expected"),
    [
        ("A VARCHAR", "", "AS (expression)"),
        ("A VARCHAR AS (OTHER)", "", "OTHER"),
        ("A VARCHAR AS (VALUE:a::VARCHAR), A VARCHAR AS (VALUE:b::VARCHAR)", "", "duplicate"),
        ("A VARCHAR AS (VALUE:a::VARCHAR)", "TABLE_FORMAT = DELTA", "TABLE_FORMAT"),
        ("A VARCHAR AS (VALUE:a::VARCHAR)", "AWS_SNS_TOPIC = 'arn'", "AWS_SNS_TOPIC"),
        ("A VARCHAR AS (VALUE:a::VARCHAR)", "PATTERN = '('", "PATTERN"),
        ("A VARCHAR AS (VALUE:a::VARCHAR)", "NO_SUCH = 1", "NO_SUCH"),
    ],
)
def test_a_definition_that_cannot_be_honoured_is_refused(
    raw: Raw, columns: str, options: str, expected: str
) -> None:
    statement = (
        f"CREATE EXTERNAL TABLE {raw.table} ({columns}) LOCATION = @{raw.database}.RAW.PUBLISHED/x/ {options}"
        f" FILE_FORMAT = (FORMAT_NAME = '{raw.database}.RAW.PARQUET')"
    )
    assert expected in raw.session.refusal(statement)[2]
    assert raw.session.rows(f"SHOW EXTERNAL TABLES IN SCHEMA {raw.database}.RAW") == []


def test_it_partitions_by_its_path_only(raw: Raw) -> None:
    columns = COLUMNS.replace(
        "INGEST_DATE DATE AS (TO_DATE",
        "INGEST_DATE DATE AS (TO_DATE(VALUE:day::VARCHAR)), D DATE AS (TO_DATE",
    )
    with pytest.raises(Exception, match="METADATA"):
        raw.create(columns=columns)


def test_nobody_writes_to_it(raw: Raw) -> None:
    raw.create()
    assert raw.session.refusal(f"INSERT INTO {raw.table} SELECT * FROM {raw.table}")
    assert raw.session.refusal(f"CREATE TABLE {raw.table} (A NUMBER)")
    assert raw.session.refusal(f"SELECT METADATA$FILENAME FROM {raw.table}")[:2] == (2, "0A000")
