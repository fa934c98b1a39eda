"""Tables as dbt creates them: constraints, temporary ones, transactions, division."""
# ruff: noqa: S608 (queries of the tests' own tables)

from collections.abc import Callable

import pytest
from support import Session


def test_not_null_of_a_contract_is_enforced(session: Session, schema: str) -> None:
    create = f"create or replace transient table {schema}.T (id number(38,0) not null, v varchar)"
    session.run(f"{create} as (select id, v from (select 1 as id, null as v) as model_subq)")
    assert session.refusal(f"insert into {schema}.T values (null, 'x')")[:2] == (100072, "22000")
    nulls = f"{create} as (select id, v from (select null::number(38,0) as id, 'x' as v) as model_subq)"
    assert session.refusal(nulls)[:2] == (100072, "22000")
    assert session.rows(f"select id from {schema}.T") == [(1,)], "a failed replacement leaves the table"
    nullable = {row["name"]: row["null?"] for row in session.records(f"describe table {schema}.T")}
    assert nullable == {"ID": "N", "V": "Y"}


def test_a_primary_key_forbids_nulls_but_not_doubles(session: Session, schema: str) -> None:
    create = f"create or replace transient table {schema}.T (a varchar, b number(38,0), primary key (a, b))"
    session.run(f"{create} as (select a, b from (select 'x' as a, 1 as b union all select 'x', 1) as q)")
    assert session.value(f"select count(*) from {schema}.T") == 2
    nulls = f"{create} as (select a, b from (select null::varchar as a, 1 as b) as q)"
    assert session.refusal(nulls)[:2] == (100072, "22000")
    assert session.refusal(f"insert into {schema}.T values ('x', null)")[:2] == (100072, "22000")


def test_a_clone_is_a_copy_that_keeps_what_the_table_forbids(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.T (id number(38,0) not null, v varchar)",
        f"insert into {schema}.T values (1, 'a')",
    )
    clone = f"table {schema}.C clone {schema}.T"
    session.run(f"create transient {clone}", f"insert into {schema}.T values (2, 'b')")
    assert session.rows(f"select id from {schema}.C") == [(1,)]
    assert "already exists" in session.refusal(f"create {clone}")[2]
    session.run(f"create or replace transient {clone}", f"drop table {schema}.T")
    assert session.rows(f"select id from {schema}.C order by 1") == [(1,), (2,)]
    assert session.refusal(f"insert into {schema}.C values (null, 'x')")[:2] == (100072, "22000")


def test_of_a_transient_table_no_permanent_clone_is_made(session: Session, schema: str) -> None:
    session.run(f"create transient table {schema}.T (A number)", f"create table {schema}.P (A number)")
    assert session.refusal(f"create table {schema}.C clone {schema}.T")[:2] == (2120, "0A000")
    session.run(
        f"create transient table {schema}.C clone {schema}.T", f"create table {schema}.D clone {schema}.P"
    )
    session.run(f"create or replace table {schema}.T (A number)", f"create table {schema}.E clone {schema}.T")


@pytest.mark.parametrize(
    "kind", ["table {0} (A number)", "table {0} as select 1 as A", "view {0} as select 1 as A"]
)
def test_what_is_there_is_not_made_a_second_time(session: Session, schema: str, kind: str) -> None:
    made = f"create {kind.format(f'{schema}.T')}"
    session.run(made)
    code, sqlstate, message = session.refusal(made)
    assert (code, sqlstate) == (2002, "42710")
    assert "already exists" in message


def test_of_tables_only_clones_are_made(session: Session, schema: str) -> None:
    session.run(f"create view {schema}.V as select 1 as a")
    assert session.refusal(f"create table {schema}.C clone {schema}.V")[0] == 2003
    assert session.refusal(f"create table {schema}.C clone {schema}.NONE")[0] == 2003


def test_temporary_objects_have_qualified_names_and_go_with_their_session(
    session: Session, schema: str, open_session: Callable[..., Session]
) -> None:
    other = open_session()
    other.run(
        f"create or replace temporary table {schema}.TT as (select 1 as a)",
        f"create or replace temporary table {schema}.TT as (select 2 as a)",
        f"create or replace temporary view {schema}.TV as (select * from {schema}.TT)",
    )
    assert other.value(f"select a from {schema}.TV") == 2
    other.close()
    assert session.rows(f"show objects in {schema}") == []


def test_a_temporary_table_never_takes_the_place_of_another(session: Session, schema: str) -> None:
    session.run(f"create table {schema}.T as (select 1 as a)")
    assert session.refusal(f"create or replace temporary table {schema}.T as (select 2 as a)")[:2] == (
        2,
        "0A000",
    )
    assert session.value(f"select a from {schema}.T") == 1


def test_a_transaction_is_undone_by_rollback(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.T (a number)", "begin", f"insert into {schema}.T values (1)", "rollback"
    )
    assert session.value(f"select count(*) from {schema}.T") == 0


def test_ddl_commits_the_open_transaction_and_may_touch_another_database(
    session: Session, schema: str, open_session: Callable[..., Session]
) -> None:
    session.run(
        f"create table {schema}.T (a number)",
        "begin",
        f"insert into {schema}.T values (1)",
        f"create table {schema}.U (v varchar(5)) comment = 'x'",
        "rollback",
    )
    assert open_session().value(f"select count(*) from {schema}.T") == 1


def test_dividing_by_zero_is_an_error_not_a_null(session: Session) -> None:
    for expression in ("1 / 0", "x / y", "x / (y * 2)"):
        assert session.refusal(f"select {expression} from (values (1, 0)) as t(x, y)")[:2] == (
            100051,
            "22012",
        )
    rows = session.rows("select x / nullif(y, 0), div0(x, y), x / 4 from (values (1, 0)) as t(x, y)")
    assert rows == [(None, 0, 0.25)]


def test_a_null_timestamp_is_null(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.T (at timestamp_ntz, tz timestamp_tz)",
        f"insert into {schema}.T values (null, null)",
    )
    assert session.rows(f"select at, tz from {schema}.T") == [(None, None)]


@pytest.mark.parametrize(
    ("statement", "code", "sqlstate"),
    [
        ("select * from {0}.NONE", 2003, "42S02"),
        ("select none from (select 1 as a) as t", 2043, "02000"),
        ("selec 1", 1003, "42000"),
        ("select 'x'::timestamp_ntz", 100035, "22007"),
        ("PRAGMA version", 1003, "42000"),
        ("ATTACH 'x.db'", 1003, "42000"),
        ("copy into {0}.T from @{0}.S", 2, "0A000"),
        (
            "create or replace dynamic table {0}.T target_lag = '1 minute' warehouse = w as select 1",
            2,
            "0A000",
        ),
        ("create pipe {0}.P as copy into t from @s", 2, "0A000"),
        ("create stream {0}.P on table t", 2, "0A000"),
        ("create task {0}.P as select 1", 2, "0A000"),
        ("create row access policy {0}.P as (v varchar) returns boolean -> true", 2, "0A000"),
        ("create row access policy {0}.P as (v varchar) returns boolean -> true", 2, "0A000"),
        ("create materialized view {0}.P as select 1", 2, "0A000"),
        ("create secure view {0}.P as select 1", 2, "0A000"),
        ("create function {0}.F() returns number as '1'", 2, "0A000"),
        ("alter account set timezone = 'UTC'", 2, "0A000"),
        ("show pipes", 2, "0A000"),
        ("call x()", 2, "0A000"),
        ("list @{0}.S", 2, "0A000"),
        ("undrop table {0}.T", 2, "0A000"),
    ],
)
def test_every_failure_has_a_code_of_snowflakes(
    session: Session, schema: str, statement: str, code: int, sqlstate: str
) -> None:
    assert session.refusal(statement.format(schema))[:2] == (code, sqlstate)
