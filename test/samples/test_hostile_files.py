"""The hostile files are what their manifest says, and every key is one that S3 takes."""

import ast
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = json.loads((ROOT / "contracts/outcomes.json").read_text())

type Hostile = tuple[Path, list[dict[str, Any]]]


def write(out: Path) -> list[dict[str, Any]]:
    """Writes the files as a user does and returns the manifest's entries."""
    script = ROOT / "local/samples/hostile.py"
    subprocess.run([sys.executable, str(script), "--out", str(out)], check=True)  # noqa: S603
    entries: list[dict[str, Any]] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    return entries


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """The hostile files, written once."""
    out = tmp_path_factory.mktemp("hostile")
    return out, write(out)


def entry(hostile: Hostile, label: str) -> tuple[bytes, dict[str, Any]]:
    """Content and entry of the one file with this label."""
    found = [file for file in hostile[1] if file["file"].partition("-")[2].partition(".")[0] == label]
    assert len(found) == 1, label
    return (hostile[0] / found[0]["file"]).read_bytes(), found[0]


def test_keys_are_valid_s3_keys_and_all_differ(hostile: Hostile) -> None:
    keys = [file["key"] for file in hostile[1]]
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert 0 < len(key.encode()) <= 1_024
        depth = 0
        for segment in key.split("/"):
            depth += -1 if segment == ".." else 0 if segment == "." else 1
            assert depth >= 0, f"{key}: S3 refuses keys that climb above their root"


def test_two_keys_have_the_greatest_length(hostile: Hostile) -> None:
    assert sum(len(file["key"].encode()) == 1_024 for file in hostile[1]) == 2


@pytest.mark.parametrize(
    "part", [" ", "+", "%2B", "🎉", "=", "'", '"', "\\", "\n", "..", "//", "*", "#", "?"]
)
def test_every_troublesome_part_is_in_some_key(hostile: Hostile, part: str) -> None:
    assert any(part in file["key"] for file in hostile[1])


def test_every_file_has_a_terminal_status_and_known_reasons(hostile: Hostile) -> None:
    for file in hostile[1]:
        assert OUTCOMES["fileStatuses"][file["status"]]["terminal"], file["file"]
        assert set(file["rejected"] or {}) <= set(OUTCOMES["recordReasons"]), file["file"]
        assert (hostile[0] / file["file"]).is_file()


def test_figures_add_up_and_fit_the_status(hostile: Hostile) -> None:
    for file in hostile[1]:
        assert file["status"] == "PUBLISHED" or not file["mustPublish"], file["file"]
        if file["rejected"] is None:
            assert file["published"] is None and file["mustPublish"], file["file"]
            continue
        assert file["recordsRead"] == file["published"] + sum(file["rejected"].values()), file["file"]
        if not file["key"].startswith("reviews/beer-advocate/"):  # whose reviews have no id of their own
            assert file["published"] == len(file["mustPublish"]), file["file"]
        readable = any(OUTCOMES["recordReasons"][reason]["readable"] for reason in file["rejected"])
        published = file["published"] > 0 or readable
        assert published == (file["status"] == "PUBLISHED"), file["file"]


def test_reviews_that_must_survive_are_in_one_file_each(hostile: Hostile) -> None:
    ids = [review_id for file in hostile[1] for review_id in file["mustPublish"]]
    assert len(set(ids)) == len(ids)


def test_the_same_bytes_are_written_every_time(hostile: Hostile, tmp_path: Path) -> None:
    assert write(tmp_path) == hostile[1]
    for file in hostile[1]:
        assert (tmp_path / file["file"]).read_bytes() == (hostile[0] / file["file"]).read_bytes(), file[
            "file"
        ]


def test_plain_json_lines_parse_but_for_what_is_to_be_malformed(hostile: Hostile) -> None:
    for label in (
        "ratings",
        "dates",
        "lone-values",
        "text-after-the-record",
        "crlf",
    ):
        content, file = entry(hostile, label)
        lines = content.decode().splitlines()
        assert len(lines) == file["recordsRead"]
        malformed = 0
        for line in lines:
            try:
                json.loads(line)
            except json.JSONDecodeError:
                malformed += 1
        assert malformed == file["rejected"].get("MALFORMED_JSON", 0), label


def test_broken_compression_is_broken_as_said(hostile: Hostile) -> None:
    with pytest.raises(EOFError):
        gzip.decompress(entry(hostile, "truncated-gzip")[0])
    assert gzip.decompress(entry(hostile, "gzip-named-json")[0]).count(b"\n") == 3
    assert gzip.decompress(entry(hostile, "gzip-members")[0]).count(b"\n") == 4
    assert len(entry(hostile, "gzip-bomb")[0]) < 1_000_000
    assert gzip.decompress(entry(hostile, "gzip-of-nothing")[0]) == b""


def test_the_long_line_is_fifty_megabytes(hostile: Hostile) -> None:
    content, _ = entry(hostile, "50-mb-line")
    assert max(len(line) for line in content.splitlines()) > 50 * 2**20


def test_encodings_are_what_they_are_called(hostile: Hostile) -> None:
    for label, codec in (
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("utf-16-without-mark", "utf-16-le"),
    ):
        content, file = entry(hostile, label)
        assert len(content.decode(codec).splitlines()) == file["recordsRead"]
    with pytest.raises(UnicodeDecodeError):
        entry(hostile, "latin-1")[0].decode()


def test_the_python_dict_is_no_json_and_still_a_review(hostile: Hostile) -> None:
    content, file = entry(hostile, "python-dict-among-json")
    first, odd, last = content.decode().splitlines()
    with pytest.raises(json.JSONDecodeError):
        json.loads(odd)
    ids = [json.loads(first)["review_id"], ast.literal_eval(odd)["review_id"], json.loads(last)["review_id"]]
    assert ids == list(file["mustPublish"])
