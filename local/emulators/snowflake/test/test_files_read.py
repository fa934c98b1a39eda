"""A filter on a partition column reads the files of its partitions; which ones can be seen."""
# ruff: noqa: S608 (queries of the tests' own tables)

import json
import urllib.request
from typing import Any

import pytest
from conftest import Raw
from emulator_process import Server
from support import Session, review

DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")


@pytest.fixture
def three_days(raw: Raw) -> Raw:
    """A table of a file a day; one of them with another schema."""
    for number, day in enumerate(DAYS, start=1):
        extra = {"extra": "x"} if number == 2 else {}
        raw.put([review(number, **extra)], day, f"b{number}")
    raw.create()
    return raw


def last_query(server: Server, statement: str) -> dict[str, Any] | None:
    """What the server reports about the last query with this text."""
    with urllib.request.urlopen(f"{server.endpoint}/local/queries") as answer:  # noqa: S310 (a local server)
        queries: list[dict[str, Any]] = json.load(answer)
    return next((query for query in reversed(queries) if query["statement"] == statement), None)


def days_read(server: Server, raw: Raw, statement: str) -> set[str]:
    """The ingest dates whose files a query reads."""
    raw.session.run(statement)
    query = last_query(server, statement)
    assert query is not None
    files = query["externalTables"][raw.table]
    assert files["of"] == 3
    return {key.split("ingest_date=")[1].split("/")[0] for key in files["read"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("TRUE", set(DAYS)),
        ("INGEST_DATE >= '2026-11-20'::DATE", {"2026-11-20", "2026-11-21"}),
        ("INGEST_DATE = '2026-11-19'", {"2026-11-19"}),
        ("INGEST_DATE BETWEEN '2026-11-20' AND '2026-11-20' AND RATING > 0", {"2026-11-20"}),
        ("BATCH_ID IN ('b1', 'b3')", {"2026-11-19", "2026-11-21"}),
    ],
)
def test_only_the_files_of_the_partitions_are_read(
    server: Server, three_days: Raw, condition: str, expected: set[str]
) -> None:
    assert days_read(server, three_days, f"SELECT * FROM {three_days.table} WHERE {condition}") == expected


def test_a_filter_reaches_through_views_and_ctes_into_what_is_created(
    server: Server, three_days: Raw
) -> None:
    database = three_days.database
    three_days.session.run(
        f"CREATE VIEW {database}.RAW.V AS WITH a AS (SELECT * FROM {three_days.table}) SELECT * FROM a"
    )
    statement = (
        f"CREATE TABLE {database}.RAW.T AS (WITH recent AS (SELECT * FROM {database}.RAW.V"
        " WHERE INGEST_DATE >= '2026-11-21'::DATE) SELECT REVIEW_KEY FROM recent)"
    )
    assert days_read(server, three_days, statement) == {"2026-11-21"}


def test_each_query_is_told_its_own_files(server: Server, three_days: Raw) -> None:
    second = Session(server)
    statements = [
        f"SELECT {n}, t.* FROM {three_days.table} t WHERE INGEST_DATE = '{day}'" for n, day in enumerate(DAYS)
    ]
    for place, statement in enumerate(statements):
        (three_days.session if place % 2 else second).run(statement)
    found = [last_query(server, statement) for statement in statements]
    assert [len(query["externalTables"][three_days.table]["read"]) for query in found if query] == [1, 1, 1]


def test_a_query_that_reads_no_file_is_not_listed(server: Server, three_days: Raw) -> None:
    statement = f"SELECT 1 AS nothing_of_{three_days.database}"
    three_days.session.run(statement)
    assert last_query(server, statement) is None
