"""Reading statements: names, literals and options, however they are written."""

import pytest
from local_snowflake.sql import Reader, identifier, literal
from snowflake.connector.errors import ProgrammingError

HOSTILE = ["plain", "it's", '"quoted"', "a.b", "a;b", "-- x", "/* x */", "$$", "ü", " ", "x'); DROP"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_quoted_is_read_back(text: str) -> None:
    assert Reader(identifier(text)).name() == (text,)
    assert Reader(literal(text)).string() == text


def test_names_are_upper_case_unless_quoted() -> None:
    assert Reader('db."Sch.ema".t').name() == ("DB", "Sch.ema", "T")
    assert Reader("IDENTIFIER('a.b')").name() == ("A", "B")


def test_options_may_nest_and_be_separated_by_commas_or_not() -> None:
    statement = "A = 'x' B = (1, 'two') , C = (D = TRUE E = word) -- note\n F = @db.s.stage/path/ G = 2.5"
    assert Reader(statement).options() == {
        "A": "x",
        "B": [1, "two"],
        "C": {"D": True, "E": "WORD"},
        "F": "@db.s.stage/path/",
        "G": 2.5,
    }


def test_backslashes_and_dollar_quotes_are_understood() -> None:
    assert Reader(r"'a\'b\n\\'").string() == "a'b\n\\"
    assert Reader("$$it's$$").string() == "it's"


@pytest.mark.parametrize("statement", ["A = ", "A = (1", "A 1", "A = 1 A = 2", "= 1"])
def test_broken_options_are_a_syntax_error(statement: str) -> None:
    with pytest.raises(ProgrammingError) as caught:
        Reader(statement).options()
    assert caught.value.errno == 1003


def test_a_parenthesis_ends_where_it_ends() -> None:
    reader = Reader("(f(a, ')') || \"(\") rest")
    assert reader.parenthesised() == "f(a, ')') || \"(\""
    assert reader.rest() == "rest"
