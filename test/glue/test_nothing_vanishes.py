"""Of a record that is published, every value is in a column, in a list or in `attributes`."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import recorded_corpus as corpus
from conftest import INGESTED_AT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reviews import contracts
from reviews.contracts import Path as Keys
from reviews.contracts import Source
from reviews.kernel import engine, mapping, scalars, texts
from reviews.kernel.kernel import Chunk, Kernel
from reviews.manifest import SourceFile
from source_fixtures import NAMES, fixture

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 3_000_000_000),
    st.sampled_from(["", " ", "None", "1,2", "1,341", "2021-06", "2021-06-05", "4", "yes", "é ", 2.5, 0.25]),
    st.uuids().map(lambda drawn: f"text {drawn}"),
    st.fixed_dictionaries({"inner": st.uuids().map(str)}),
    st.lists(st.uuids().map(str) | st.integers(0, 9), max_size=3),
)


def all_paths(source: Source, record: Any) -> list[Keys]:
    """Where a record of the source may hold something, or does."""
    mapped = [place.path for places in source.fields.values() for place in places]
    for listed in source.lists.values():
        for path in listed.paths:
            inner = [place.path for places in (listed.item or {}).values() for place in places]
            mapped += [(*path, 0, *item) if path else item for item in inner] or [(*path, 0)]
    return [path for path in dict.fromkeys([*corpus._paths(record), *mapped]) if path]


def placed(record: Any, path: Keys, value: Any) -> Any:
    """The record with the value at the path, where its containers leave room for it."""
    changed = copy.deepcopy(record)
    at = changed
    for key, following in zip(path, (*path[1:], None), strict=True):
        if isinstance(key, int) != isinstance(at, list) or not isinstance(at, (dict, list)):
            return record
        if isinstance(key, int):
            at.extend([None] * (key + 1 - len(at)))
        if following is None:
            at[key] = value
        elif isinstance(key, int) or key in at:
            at[key] = at[key] if at[key] is not None else [] if isinstance(following, int) else {}
        else:
            at[key] = [] if isinstance(following, int) else {}
        at = at[key]
    return changed


@st.composite
def records(draw: st.DrawFn, source: Source, example: dict[str, Any]) -> dict[str, Any]:
    record = example
    for path in draw(st.lists(st.sampled_from(all_paths(source, example)), max_size=4)):
        where = (*path[:-1], draw(st.sampled_from([path[-1], path[-1], "unknown"])))
        record = placed(record, where, draw(values))
    return record


def leaves(value: Any, path: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path, value


@pytest.mark.parametrize("name", NAMES)
def test_every_leaf_of_a_published_record_is_somewhere(name: str, tmp_path_factory: Any) -> None:
    source = contracts.load(name)
    made = fixture(name)
    key = f"reviews/{name}/{made.get('name', 'reviews.json')}"
    file = SourceFile(0, "0" * 32, key, name, "", "none", "utf-8", "lines", False, 0)
    folder: Path = tmp_path_factory.mktemp(name)
    with engine.connect(folder, memory_bytes=300 << 20, threads=1) as database:
        kernel = Kernel(database, datetime.fromisoformat(INGESTED_AT))

        @settings(
            max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(st.lists(records(source, made["record"]), min_size=20, max_size=20))
        def check(drawn: list[dict[str, Any]]) -> None:
            chunk = Chunk()
            chunk.add(file, 0, 1, [json.dumps(record).encode() for record in drawn])
            kernel.clean(source, chunk)
            rows = corpus.rows(database.sql("from published").to_arrow_table())
            kernel.clear()
            for row in rows:
                record = drawn[row["record_number"] - 1]
                lost = [path for path, value in leaves(record) if not is_kept(source, row, path, value)]
                assert not lost, f"{lost} of {record} are not in {row}"

        check()


def is_kept(source: Source, row: dict[str, Any], path: Keys, value: Any) -> bool:
    text = "" if value is None else texts.text(value).strip()
    if text in ("", *source.nulls):
        return True
    if value == at(json.loads(row["attributes"] or "{}"), path):
        return True
    return any(says(source, name, cell, text) for name, cell in cells(source, row, path))


def at(value: Any, path: Keys) -> Any:
    for key in path:
        if isinstance(value, dict) if isinstance(key, str) else isinstance(value, list) and key < len(value):
            value = value.get(key) if isinstance(value, dict) else value[key]
        else:
            return None
    return value


def cells(source: Source, row: dict[str, Any], path: Keys) -> Iterator[tuple[str, Any]]:
    """What of the row the contract says comes from the path; a reviewer without an id has no row."""
    for name, places in source.fields.items():
        is_published = not name.startswith("reviewer.") or row["reviewer_id"] is not None
        if is_published and any(p.match is None and p.path and p.path == path[: len(p.path)] for p in places):
            yield name, row[mapping.column(name)]
            if name == "rating":
                yield name, row["rating_raw"]
    for name, listed in source.lists.items():
        if any(within == path[: len(within)] for within in listed.paths):
            for item in row[name] or ():
                yield from ((name, cell) for cell in item.values())


def says(source: Source, name: str, cell: Any, text: str) -> bool:
    if cell is None:
        return False
    if isinstance(cell, list):
        between = [place.split for place in source.fields.get(name, ()) if place.split]
        parted = ([part.strip() for part in text.split(each) if part.strip()] == cell for each in between)
        return any(parted) or any(says(source, name, one, text) for one in cell)
    if isinstance(cell, str):
        if name in source.digits and cell.lstrip("0") == text:
            return True
        return text.lower() in (cell.strip().lower(), source.values.get(name, {}).get(text)) or text in cell
    known = source.values.get(name, {}).get(text, text)
    if isinstance(cell, bool):
        return known.lower() in (("true", "t", "yes", "y", "1") if cell else ("false", "f", "no", "n", "0"))
    if cell in (scalars.timestamp(text, form) for form in source.timestamps):
        return True
    number = scalars.decimal(known.replace(",", ""), 38, 9)
    return number is not None and abs(Decimal(str(cell)) - number) <= Decimal("0.005")
