"""Who sees which personal data: the reporter none, the role for texts the texts, and both in no other way."""
# ruff: noqa: S608 (statements on the tests' own tables)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import snowflake.connector
import story
from parquet import contract, published_tables
from published import personal_values
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import ProgrammingError
from test_project import DETAIL, MODELS, classes
from warehouse import Warehouse

_TAGS = ("PERSONAL_DATA", "MASKED_PERSONAL_DATA")


@pytest.fixture(scope="module")
def connections(warehouse: Warehouse) -> Iterator[dict[str, SnowflakeConnection]]:
    """A session of each role, of a user who has no other."""
    opened: dict[str, SnowflakeConnection] = {}
    for kind in ("REPORTER", "DETAIL_READER", "TRANSFORMER"):
        role = f"{warehouse.database}_{kind}"
        warehouse.execute(f"create user {kind}_USER default_role = {role}")
        warehouse.execute(f"grant role {role} to user {kind}_USER")
        opened[kind] = snowflake.connector.connect(
            account="local",
            user=f"{kind}_USER",
            password="none",  # noqa: S106 (the local Snowflake lets a user without a key in)
            role=role,
            host="127.0.0.1",
            port=int(warehouse.connect_environment["SNOWFLAKE_PORT"]),
            protocol="http",
            session_parameters={"TIMEZONE": "UTC"},
        )
    yield opened
    for connection in opened.values():
        connection.close()


def rows(connection: SnowflakeConnection, query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        return list(cursor.execute(query).fetchall())  # type: ignore[union-attr]


def relations(warehouse: Warehouse) -> list[str]:
    """Every table and view of the database, by its full name."""
    found = warehouse.rows(f"show objects in database {warehouse.database}")
    return [f"{row['database_name']}.{row['schema_name']}.{row['name']}" for row in found]


def tags_of(warehouse: Warehouse, relation: str) -> dict[str, str]:
    """The classes that the columns of a relation are tagged with."""
    answered = warehouse.rows(
        "select column_name, tag_name, tag_value from table("
        f"{warehouse.database}.information_schema.tag_references_all_columns('{relation}', 'table'))"
    )
    assert {row["tag_name"] for row in answered} <= set(_TAGS)
    return {row["column_name"].lower(): row["tag_value"] for row in answered}


def test_the_reporter_sees_no_personal_value_in_any_object(
    warehouse: Warehouse, connections: dict[str, SnowflakeConnection]
) -> None:
    marked = {value for batch in (story.FIRST, story.SECOND, story.RERUN) for value in personal_values(batch)}
    readable = 0
    for relation in relations(warehouse):
        try:
            seen = rows(connections["REPORTER"], f"select * from {relation}")
        except ProgrammingError as error:
            assert error.errno == 2003
            assert ".PRESENTATION." not in relation
            continue
        readable += 1
        assert ".PRESENTATION." in relation
        assert [value for row in seen for value in row if str(value) in marked] == []
    assert readable > 10


def test_the_role_for_texts_reads_the_texts_of_the_reviews_that_count_and_nothing_else(
    warehouse: Warehouse, connections: dict[str, SnowflakeConnection]
) -> None:
    query = (
        f"select review_key, review_body from {warehouse.database}.detail.review_detail order by review_key"
    )
    seen = rows(connections["DETAIL_READER"], query)
    assert len(seen) == len(warehouse.table("core.fct_reviews"))
    assert any(body for _, body in seen)
    assert seen == rows(connections["TRANSFORMER"], query)
    for relation in relations(warehouse):
        if relation != f"{warehouse.database}.DETAIL.REVIEW_DETAIL":
            with pytest.raises(ProgrammingError) as refused:
                rows(connections["DETAIL_READER"], f"select * from {relation}")
            assert refused.value.errno == 2003


def test_whoever_is_let_into_the_texts_by_mistake_sees_none(
    warehouse: Warehouse, connections: dict[str, SnowflakeConnection]
) -> None:
    detail, reporter = f"{warehouse.database}.DETAIL", f"{warehouse.database}_REPORTER"
    warehouse.execute(f"grant usage on schema {detail} to role {reporter}")
    warehouse.execute(f"grant select on view {detail}.REVIEW_DETAIL to role {reporter}")
    counts = ", ".join(f"count({column})" for column in ("*", "review_title", "review_body", "product_id"))
    query = f"select {counts} from {detail}.review_detail"
    ((count, titles, bodies, products),) = rows(connections["REPORTER"], query)
    warehouse.execute(f"revoke select on view {detail}.REVIEW_DETAIL from role {reporter}")
    warehouse.execute(f"revoke usage on schema {detail} from role {reporter}")
    assert (titles, bodies) == (0, 0)
    assert count == products > 0


@pytest.mark.parametrize("table", published_tables())
def test_every_column_of_raw_is_tagged_as_its_contract_says(warehouse: Warehouse, table: str) -> None:
    personal = {
        column["name"]: column["pii"] for column in contract(table)["columns"] if column["pii"] != "none"
    }
    assert tags_of(warehouse, f"{warehouse.database}.RAW.{table.upper()}") == personal


def test_every_text_column_of_the_views_is_tagged_as_its_model_says(warehouse: Warehouse) -> None:
    for model in [path for path in MODELS if path.parent.name == "staging" or path in DETAIL]:
        said = {name: pii or "none" for name, pii in classes(model).items()}
        tagged = tags_of(warehouse, f"{warehouse.database}.{model.parent.name.upper()}.{model.stem.upper()}")
        assert {name: tagged[name] for name in said} == said
        # What can hold no text keeps what it inherits.
        assert {value for name, value in tagged.items() if name not in said} <= {"unclassified"}


def test_a_view_that_was_replaced_is_masked_until_it_is_classified(
    warehouse: Warehouse, connections: dict[str, SnowflakeConnection]
) -> None:
    view = f"{warehouse.database}.DETAIL.REPLACED"
    rows(connections["TRANSFORMER"], f"create view {view} as select 'said by somebody' as review_body")
    assert rows(connections["DETAIL_READER"], f"select * from {view}") == [(None,)]
    rows(connections["TRANSFORMER"], f"drop view {view}")
