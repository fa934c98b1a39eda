"""What holds for any record: the fast ways give what the exact ones give, and nothing is lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import INGESTED_AT, Batch, Input, native, run_jobs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reviews import contracts, outcomes
from reviews.clean import units
from reviews.errors import ContractError
from reviews.executors import InProcess
from reviews.kernel import columns, engine, mapping, parsing, patterns, scalars, typing

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(['":', "\\", '"', ":", "{", "\ud800", "İ"])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=5)


def plain(value: Any) -> Any:
    """Parsed JSON with numbers as they compare: the fast and the exact parser agree on their values."""
    if isinstance(value, parsing.Number):
        return Decimal(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@given(objects, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_fast_parser_gives_what_the_exact_one_gives(value: Any, indent: Any, escape: bool) -> None:
    record = json.dumps(value, indent=indent, ensure_ascii=escape).encode("utf-8", "surrogatepass")
    assert plain(parsing.parse([record])) == plain([parsing.parse_slowly(record)])


@given(objects, st.data())
def test_a_key_twice_is_never_missed(value: dict[str, Any], data: st.DataObject) -> None:
    """Whatever surrounds the two keys: blanks, escapes, colons in texts."""
    key = data.draw(st.text(max_size=3))
    gap = data.draw(st.sampled_from(["", " ", "\n", "\t "]))
    hiding = data.draw(
        st.sampled_from(["", '"\\u003a": 1,', '"x": "\\u003a\\u003A",', '"x": "\\":",', '"y" : 1,'])
    )
    twice = f"{json.dumps(key)}{gap}: {json.dumps(data.draw(values))}"
    inner = f"{{{twice}, {hiding} {twice}}}"
    record = json.dumps({**value, "deep": [0]}).replace('"deep": [0]', f'"deep": [{inner}]')
    assert parsing.parse([record.encode()]) == [parsing.Unreadable("MALFORMED_JSON")]


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
def test_what_is_no_json_is_said_to_be_none(record: bytes) -> None:
    (found,) = parsing.parse([record])
    assert plain(found) == plain(parsing.parse_slowly(record))
    if isinstance(found, parsing.Unreadable):
        assert found.reason in outcomes.record_reasons()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with engine.connect(tmp_path_factory.mktemp("engine"), memory_bytes=200 << 20, threads=1) as opened:
        typing.register(opened)
        yield opened


digits = st.from_regex(r"[+-]?[0-9]{0,12}[.,]?[0-9]{0,7}([eE][+-]?[0-9]{1,2})?", fullmatch=True)
_TIME = r"[0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{0,7})?(Z| UTC|\+01:00)?)?)?"
dates = st.from_regex(rf"[12][0-9]{{3}}-[0-9]{{1,2}}(-[0-9]{{1,2}}([T ]{_TIME})?)?", fullmatch=True)
moments = st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda time: time.isoformat())
texts = st.lists(digits | dates | moments | st.text(max_size=8), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts)
def test_sql_types_a_text_as_the_exact_conversion_does(
    database: duckdb.DuckDBPyConnection, found: list[str]
) -> None:
    expected = {
        "bigint": [scalars.whole(text, 64) for text in found],
        "int": [scalars.whole(text, 32) for text in found],
        "double": [scalars.real(text) for text in found],
        "decimal(12,2)": [None if (m := scalars.money(text)) is None else Decimal(m) for text in found],
        "timestamp": [
            scalars.timestamp(text, "epoch") if (t := scalars.timestamp(text, "iso")) is None else t
            for text in found
        ],
    }
    for kind, wanted in expected.items():
        value = typing.convert("text", kind, ("iso", "epoch"))
        shown = f"epoch_us({value})" if kind == "timestamp" else value
        listed = "(select unnest($1) as text, unnest(range(len($1))) as place)"
        query = f"select {shown} from {listed} order by place"  # noqa: S608 - of the test's own
        rows = database.execute(query, [found]).fetchall()
        assert [row[0] for row in rows] == wanted, kind


_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\x00)+")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.binary(max_size=30)
        | objects.map(lambda value: json.dumps(value).encode("utf-8", "replace"))
        | st.integers(1, 4).map(lambda number: json.dumps(native(number)).encode()),
        max_size=12,
    )
)
def test_every_record_is_published_a_duplicate_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes]
) -> None:
    batch: Batch = run_jobs(tmp_path_factory.mktemp("any"), [Input(b"\n".join(records))], InProcess())
    figures = batch.figures()
    # A line of byte order marks and zero bytes alone is as good as blank.
    lines = [line for line in b"\n".join(records).split(b"\n") if _MARKS.sub(b"", line).strip()]
    assert figures["recordsRead"] == len(lines)
    assert figures["recordsRead"] == (
        figures["published"] + figures["duplicates"] + sum(figures["rejected"].values())
    )
    numbers = [row["record_number"] for table in (batch.reviews, batch.rejected) for row in table]
    assert len(numbers) == len(set(numbers))


@given(st.lists(st.binary(max_size=9), max_size=20), st.integers(1, 12), st.integers(1, 5))
def test_every_line_is_in_one_range(found: list[bytes], span: int, chunk: int) -> None:
    data = b"\n".join(line.replace(b"\n", b"") for line in found)

    def read(_uri: str, start: int = 0) -> Iterator[bytes]:
        return (data[at : at + chunk] for at in range(start, len(data), chunk))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(units.storage, "read_chunks", read)
        ranges = [b"".join(units._lines("", at, at + span)) for at in range(0, len(data), span)]
    whole = b"".join(ranges)
    assert whole == data or whole == data + b"\n"
    assert all(part == b"" or part.endswith(b"\n") for part in ranges)


def test_the_sql_of_every_contract_is_understood(tmp_path: Path) -> None:
    for path in sorted((Path(__file__).parents[2] / "contracts/sources").glob("*.json")):
        source = contracts.load(path.stem)
        with engine.connect(tmp_path, memory_bytes=200 << 20, threads=1) as opened:
            typing.register(opened)
            table = columns.Reader(source).read([{}], {p: [None] for p in _patterns(source)}).table
            for name in ("file_no", "split_start", "record_number"):
                table = table.append_column(name, [[1]])
            opened.register("chunk", table)
            found = opened.execute(mapping.query(source, datetime.fromisoformat(INGESTED_AT)))
            names = [column[0] for column in found.description]
            assert set(mapping.clean_columns(source.records)) <= set(names)


def _patterns(source: contracts.Source) -> set[str]:
    return {p.file_name for places in source.fields.values() for p in places if p.file_name is not None}


@pytest.mark.parametrize("pattern", ["dd/QQ/yyyy", "yyyy-MM-dd'T", "EE d"])
def test_a_date_pattern_that_is_not_known_is_refused(pattern: str) -> None:
    with pytest.raises(ContractError, match="timestamps: "):
        patterns.compiled(pattern)
