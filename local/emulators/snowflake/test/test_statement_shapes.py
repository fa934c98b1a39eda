"""Which statements clients have sent, each shape once."""

from typing import Any

from local_snowflake.statement_shapes import StatementShapes


def described(*statements: str) -> list[dict[str, Any]]:
    shapes = StatementShapes()
    for statement in statements:
        shapes.note("DBT", statement)
    return shapes.described()


def test_texts_numbers_comments_and_the_length_of_lists_make_no_other_shape() -> None:
    found = described(
        "select * from t where a = 'x' and b = 1",
        "/* by dbt */ SELECT *  FROM t where a = 'it''s' and b = 22.5",
        "insert into t values (1, 'a')",
        "insert into t values (2, 'b'), (3, 'c'), (4, null)",
        "select * from t where c = 'x'",
    )
    assert [shape["statement"][:30] for shape in found] == [
        "select * from t where a = 'x' ",
        "insert into t values (1, 'a')",
        "select * from t where c = 'x'",
    ]


def test_a_shape_says_how_a_strict_parser_takes_it() -> None:
    taken = described("select 1", "create role if not exists r", "select from where (", "begin")
    assert [shape["parsedAs"] for shape in taken] == ["Select", "Command", None, "Transaction"]


def test_functions_are_told_from_relations_and_columns() -> None:
    (shape,) = described("with t(a) as (select list_contains(b, 1) from u) select count(*) from t where (a)")
    assert {"LIST_CONTAINS", "COUNT"} <= set(shape["words"])
    assert "T" not in shape["words"]
