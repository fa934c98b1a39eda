"""What SHOW, DESCRIBE and INFORMATION_SCHEMA tell, which dbt and the provisioning read."""
# ruff: noqa: S608 (queries of the tests' own tables)

import datetime

import pytest
from conftest import Raw
from support import Session, review


@pytest.fixture
def filled(raw: Raw) -> Raw:
    """A database with an external table, a table and a view."""
    raw.put([review(1)], "2026-11-20", "b1")
    raw.create("AUTO_REFRESH = FALSE COMMENT = 'published'")
    raw.session.run(
        f"CREATE SCHEMA {raw.database}.CORE",
        f"CREATE TABLE {raw.database}.CORE.FACT (ID NUMBER(38,0), V VARCHAR(7), R NUMBER(9,2))"
        " COMMENT = 'it''s'",
        f"CREATE VIEW {raw.database}.CORE.SEEN AS SELECT * FROM {raw.table}",
    )
    return raw


def kinds(session: Session, statement: str) -> dict[str, str]:
    """Kinds of the objects that are shown, by name."""
    return {row["name"]: row["kind"] for row in session.records(statement)}


def test_show_objects_lists_relations_of_a_schema_with_their_kinds(filled: Raw) -> None:
    session, database = filled.session, filled.database
    assert kinds(session, f"show objects in {database}.RAW limit 10000") == {"REVIEWS": "EXTERNAL TABLE"}
    assert kinds(session, f"show objects in {database}.CORE limit 10000") == {"FACT": "TABLE", "SEEN": "VIEW"}
    assert len(session.rows(f"show objects in database {database}")) == 3
    assert kinds(session, f"show terse objects in {database}.CORE starts with 'F' limit 1") == {
        "FACT": "TABLE"
    }
    assert list(kinds(session, f"show tables like 'f_ct' in schema {database}.CORE")) == ["FACT"]
    assert [row["name"] for row in session.records(f"show views in {database}.CORE")] == ["SEEN"]


def test_show_knows_owners_comments_and_times(filled: Raw, session: Session) -> None:
    (fact,) = session.records(f"show tables in schema {filled.database}.CORE")
    assert (fact["owner"], fact["comment"]) == ("ACCOUNTADMIN", "it's")
    assert datetime.datetime.now(datetime.UTC) - fact["created_on"] < datetime.timedelta(minutes=5)


def test_information_schema_has_external_tables_and_views(filled: Raw) -> None:
    tables = {
        row[0]: row[1:]
        for row in filled.session.rows(
            "select table_name, table_type, table_schema, comment, last_altered is not null"
            f" from {filled.database}.INFORMATION_SCHEMA.TABLES"
        )
    }
    assert tables == {
        "REVIEWS": ("EXTERNAL TABLE", "RAW", "published", True),
        "FACT": ("BASE TABLE", "CORE", "it's", True),
        "SEEN": ("VIEW", "CORE", None, True),
    }
    columns = filled.session.rows(
        f"select column_name, data_type from {filled.database}.INFORMATION_SCHEMA.COLUMNS"
        " where table_name = 'REVIEWS' and table_schema = 'RAW' order by ordinal_position"
    )
    assert columns[:4] == [
        ("VALUE", "VARIANT"),
        ("REVIEW_KEY", "TEXT"),
        ("RATING", "FLOAT"),
        ("VOTES", "NUMBER"),
    ]
    views = f"select table_name from {filled.database}.INFORMATION_SCHEMA.VIEWS"
    assert filled.session.rows(views) == [("SEEN",)]


def test_an_external_table_is_altered_when_it_is_refreshed(filled: Raw) -> None:
    query = (
        f"select last_altered from {filled.database}.INFORMATION_SCHEMA.TABLES where table_name = 'REVIEWS'"
    )
    before = filled.session.value(query)
    filled.put([review(2)], "2026-11-21", "b2")
    filled.refresh()
    assert filled.session.value(query) > before


def test_describe_works_for_any_database_without_a_current_one(filled: Raw) -> None:
    described = filled.session.records(f"describe table {filled.database}.CORE.FACT")
    assert {row["name"]: row["type"] for row in described} == {
        "ID": "NUMBER(38,0)",
        "V": "VARCHAR(7)",
        "R": "NUMBER(9,2)",
    }
    external = {row["name"]: row["type"] for row in filled.session.records(f"describe table {filled.table}")}
    assert external["INGEST_DATE"] == "DATE"
    assert filled.session.refusal(f"describe table {filled.database}.CORE.NONE")[:2] == (2003, "02000")


def test_databases_and_schemas_have_owners_and_comments(session: Session, name: str) -> None:
    session.run(
        f"create role {name}_OWNER",
        f"create database if not exists {name} comment = 'made by us'",
        f"create schema if not exists {name}.RAW with managed access comment = 'layer'",
        f"grant ownership on schema {name}.RAW to role {name}_OWNER copy current grants",
    )
    (database,) = session.records(f"show databases like '{name}'")
    assert (database["name"], database["comment"], database["owner"]) == (name, "made by us", "ACCOUNTADMIN")
    shown = {row["name"]: row for row in session.records(f"show schemas in database {name}")}
    assert (shown["RAW"]["owner"], shown["RAW"]["comment"]) == (f"{name}_OWNER", "layer")
    terse = session.records(f"show terse schemas in database {name} limit 10000")
    assert {row["name"] for row in terse} == {"PUBLIC", "RAW"}
    session.run(f"drop schema {name}.RAW", f"drop database {name}", f"drop database if exists {name}")
    assert session.rows(f"show databases like '{name}'") == []
    assert session.refusal(f"drop database {name}")[0] == 2003
    assert session.refusal(f"show schemas in database {name}")[0] == 2003


def test_dropping_a_database_takes_everything_in_it(filled: Raw) -> None:
    filled.session.run(f"drop database {filled.database}", f"create database {filled.database}")
    assert filled.session.rows(f"show objects in database {filled.database}") == []
    assert filled.session.rows(f"show external tables in database {filled.database}") == []
    assert filled.session.rows(f"show stages in database {filled.database}") == []


def test_context_functions_tell_of_the_session(session: Session, schema: str) -> None:
    database = schema.partition(".")[0]
    session.run(f"use schema {schema}", "use role SYSADMIN")
    context = (
        "select current_database(), current_schema(), current_role(), current_user(), current_warehouse()"
    )
    assert session.rows(context) == [(database, "S", "SYSADMIN", "TESTS", None)]


def test_comments_on_columns_are_shown(session: Session, schema: str) -> None:
    session.run(
        f"create table {schema}.T (a number, b varchar)",
        f'alter table {schema}.T alter "A" COMMENT $$It\'s a number.$$, "B" COMMENT $$$$;',
        f"comment on table {schema}.T is $$A table.$$",
    )
    described = {row["name"]: row["comment"] for row in session.records(f"describe table {schema}.T")}
    assert described == {"A": "It's a number.", "B": ""}
    assert [row["comment"] for row in session.records(f"show tables in {schema}")] == ["A table."]
