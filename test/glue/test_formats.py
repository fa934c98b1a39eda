"""The same reviews in every format and compression end in the same tables, byte for byte."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import Batch, Input, known_contracts, run_jobs
from flat_reviews import COLUMNS, SOURCE, contract, reviews
from formats_written import as_csv, as_xml, avro, parquet
from reviews import contracts, executors

REVIEWS = reviews(100)
XML = {"record": ["reviews", "review"]}
Add = Callable[[dict[str, Any]], None]


def _lines() -> bytes:
    # What a format without nulls leaves out is absent here, too.
    filled = ({key: value for key, value in one.items() if value is not None} for one in REVIEWS)
    return "".join(json.dumps(one) + "\n" for one in filled).encode()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "zstd": lambda content: pa.compress(content, "zstd", asbytes=True),
    "bzip2": bz2.compress,
}


def _parquet(**options: Any) -> bytes:
    kinds = {"stars": pa.decimal128(3, 0), "on": pa.timestamp("us", "UTC"), "votes": pa.int32()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    rows = [
        one | {"stars": Decimal(one["stars"]), "on": datetime.fromisoformat(one["on"])} for one in REVIEWS
    ]
    return parquet(rows, schema, row_group_size=30, **options)


def _avro() -> bytes:
    kinds = {
        "stars": {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 0},
        "on": {"type": "long", "logicalType": "timestamp-micros"},
        "votes": "int",
    }
    rows = [
        one | {"stars": Decimal(one["stars"]), "on": datetime.fromisoformat(one["on"])} for one in REVIEWS
    ]
    fields = {name: kinds.get(name, "string") for name in COLUMNS}
    return avro(fields, rows, codec="deflate", sync_interval=2000)


FORMATS: dict[str, tuple[dict[str, Any], Callable[[], bytes], str]] = {
    "CSV": (contract("csv"), lambda: as_csv(COLUMNS, REVIEWS).encode(), "utf-8"),
    "CSV with a mark": (contract("csv"), lambda: as_csv(COLUMNS, REVIEWS).encode("utf-8-sig"), "utf-8"),
    "CSV in UTF-16": (contract("csv"), lambda: as_csv(COLUMNS, REVIEWS).encode("utf-16"), "utf-16le"),
    "TSV, all quoted": (
        contract("csv", csv={"delimiter": "\t"}),
        lambda: as_csv(COLUMNS, REVIEWS, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n").encode(),
        "utf-8",
    ),
    "CSV by semicolons and single quotes, without a header": (
        contract("csv", csv={"delimiter": ";", "quote": "'", "names": list(COLUMNS), "comment": "#"}),
        lambda: b"# export\n" + as_csv(COLUMNS, REVIEWS, header=False, delimiter=";", quotechar="'").encode(),
        "utf-8",
    ),
    "Avro": (contract("avro"), _avro, "utf-8"),
    "Parquet": (contract("parquet"), _parquet, "utf-8"),
    "XML": (contract("xml", xml=XML), lambda: as_xml(REVIEWS), "utf-8"),
    "XML in Latin-1": (contract("xml", xml=XML), lambda: as_xml(REVIEWS, "iso-8859-1"), "utf-8"),
    "XML in UTF-16": (contract("xml", xml=XML), lambda: as_xml(REVIEWS, "utf-16"), "utf-16le"),
    "Parquet as old Spark writes it": (
        contract("parquet"),
        lambda: _parquet(compression="gzip", use_deprecated_int96_timestamps=True, version="1.0"),
        "utf-8",
    ),
}


@pytest.fixture(scope="module")
def as_lines(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The reviews as JSON Lines, through both jobs."""
    with pytest.MonkeyPatch.context() as patch:
        known_contracts(patch)(contract())
        one = Input(_lines(), source=SOURCE)
        batch = run_jobs(tmp_path_factory.mktemp("lines"), [one], executors.InProcess())
    contracts.load.cache_clear()
    return batch


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_ends_in_the_same_tables(
    run_batch: Callable[..., Batch], add_contract: Add, as_lines: Batch, form: str, compression: str
) -> None:
    document, write, encoding = FORMATS[form]
    add_contract(document)
    packed = COMPRESSIONS[compression](write())
    layout = document["format"]
    batch = run_batch(Input(packed, source=SOURCE, layout=layout, compression=compression, encoding=encoding))
    assert batch.figures() == as_lines.figures()
    assert batch.figures()["published"] == 95
    original = ("record", "record_bytes")
    for name, rows in as_lines.tables.items():
        expected = [{key: row[key] for key in row if key not in original} for row in rows]
        assert [
            {key: row[key] for key in row if key not in original} for row in batch.tables[name]
        ] == expected


def test_the_contract_on_the_page_of_formats_is_one_and_reads_what_the_page_says(
    run_batch: Callable[..., Batch], add_contract: Add
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "file-formats.md").read_text()
    [text] = re.findall(r"^    \{\n(?:    .*\n)+?    \}\n", page, re.MULTILINE)
    document = json.loads(text)
    add_contract(document)
    rows = "# saved\nreviewNo;item;kinds;stars;msg;on\n7;L-1;home/lamps;4,5;schön;5.6.2024\n"
    batch = run_batch(Input(rows.encode("windows-1252"), source=document["source"], layout="csv"))
    [review], [product] = batch.reviews, batch.tables["products"]
    assert (review["rating"], review["body"]) == (4.5, "schön")
    assert product["categories"] == ["home", "lamps"]


@pytest.mark.parametrize("pack", ["tar", "zip"])
def test_an_archive_holds_members_of_its_contracts_format_and_refuses_others(
    run_batch: Callable[..., Batch], add_contract: Add, pack: str
) -> None:
    add_contract(contract("csv"))
    members = {
        "a.csv": as_csv(COLUMNS, REVIEWS[10:20]).encode(),
        "b.jsonl": _lines(),
        "c.parquet": _parquet(),
    }
    batch = run_batch(Input(_packed(pack, members), source=SOURCE, layout="any", archive=pack))
    assert batch.figures()["recordsRead"] == 12
    assert batch.figures()["published"] == 10
    assert batch.figures()["rejected"] == {"NOT_UNPACKED": 2}


def _packed(pack: str, members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    if pack == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return packed.getvalue()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()
