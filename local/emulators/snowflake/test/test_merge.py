"""MERGE as dbt writes it, with Snowflake's counts and its error for ambiguous rows."""
# ruff: noqa: S608 (queries of the tests' own tables)

import pytest
from support import Session

MERGE = """
merge into {0}.T as DBT_INTERNAL_DEST
    using {0}.S as DBT_INTERNAL_SOURCE
    on ((DBT_INTERNAL_SOURCE.id = DBT_INTERNAL_DEST.id))
when matched then update set "ID" = DBT_INTERNAL_SOURCE."ID", "V" = DBT_INTERNAL_SOURCE."V"
when not matched then insert ("ID", "V") values ("ID", "V")
"""


@pytest.fixture
def tables(session: Session, schema: str) -> str:
    """A target of two rows and a source of two, of which one is new."""
    session.run(
        f"create table {schema}.T (id number(38,0) not null, v varchar, at timestamp_ntz)",
        f"insert into {schema}.T (id, v) values (1, 'a'), (2, 'b')",
        f"create table {schema}.S (id number(38,0), v varchar)",
        f"insert into {schema}.S values (2, 'B'), (3, 'C')",
    )
    return schema


def test_it_updates_inserts_and_counts(session: Session, tables: str) -> None:
    session.run("begin")
    assert session.records(MERGE.format(tables)) == [
        {"number of rows inserted": 1, "number of rows updated": 1}
    ]
    session.run("commit")
    assert session.rows(f"select id, v from {tables}.T order by id") == [(1, "a"), (2, "B"), (3, "C")]


def test_the_driver_counts_its_rows(session: Session, tables: str) -> None:
    with session.connection.cursor() as cursor:
        cursor.execute(MERGE.format(tables))
        assert cursor.rowcount == 2


def test_it_deletes(session: Session, tables: str) -> None:
    statement = (
        f"merge into {tables}.T t using {tables}.S s on t.id = s.id when matched and s.v = 'B' then delete"
    )
    assert session.records(statement) == [{"number of rows deleted": 1}]
    assert session.rows(f"select id from {tables}.T") == [(1,)]


def test_a_row_that_matches_twice_is_an_error_and_changes_nothing(session: Session, tables: str) -> None:
    session.run(f"insert into {tables}.S values (2, 'again')")
    assert session.refusal(MERGE.format(tables))[:2] == (100090, "42P18")
    assert session.rows(f"select id, v from {tables}.T order by id") == [(1, "a"), (2, "b")]


def test_not_null_holds_in_it(session: Session, tables: str) -> None:
    session.run(f"insert into {tables}.S values (null, 'x')")
    assert session.refusal(MERGE.format(tables))[:2] == (100072, "22000")


def test_the_source_may_be_a_view_or_a_query(session: Session, tables: str) -> None:
    session.run(f"create or replace temporary view {tables}.V as (select * from {tables}.S)")
    session.run(MERGE.format(tables).replace(f"{tables}.S", f"{tables}.V"))
    session.run(MERGE.format(tables).replace(f"{tables}.S", "(select 4 as id, 'D' as v)"))
    assert session.value(f"select count(*) from {tables}.T") == 4
