"""The generated sample is what its expected.json says: checked by reading the files back by other means."""

import ast
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"


def generate(out: Path, *arguments: str) -> dict[str, Any]:
    """Runs the generator as a user does and returns expected.json's files."""
    script = ROOT / "local/samples/generate.py"
    subprocess.run([sys.executable, str(script), "--out", str(out), *arguments], check=True)  # noqa: S603
    files: dict[str, Any] = json.loads((out / "expected.json").read_text(encoding="utf-8"))["files"]
    return files


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The default sample."""
    out = tmp_path_factory.mktemp("sample")
    return out, generate(out)


def text_of(path: Path) -> str:
    """A file's text, whatever its compression and encoding."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return content.decode("utf-16" if content.startswith(b"\xff\xfe") else "utf-8")


def whole_values(text: str) -> Iterator[Any]:
    """The JSON objects that stand whole in a text, at whatever depth the outermost brackets leave them."""
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except json.JSONDecodeError:
            at = text.find("\n", at) if "\n" in text[at:] else len(text)


def test_every_figure_adds_up(sample: tuple[Path, dict[str, Any]]) -> None:
    reasons = json.loads((CONTRACTS / "outcomes.json").read_text())["recordReasons"]
    for name, file in sample[1].items():
        assert file["recordsRead"] == file["published"] + file["duplicates"] + sum(
            file["rejected"].values()
        ), name
        assert set(file["rejected"]) <= set(reasons), name
        assert file["duplicates"] >= 1 and sum(file["rejected"].values()) >= 1, name


def test_the_default_is_three_thousand_reviews_of_eight_producers(
    sample: tuple[Path, dict[str, Any]],
) -> None:
    assert sum(file["recordsRead"] for file in sample[1].values()) == pytest.approx(3_000, rel=0.01)
    assert len({file["source"] for file in sample[1].values()}) == 8


def test_equal_seeds_give_equal_bytes(tmp_path: Path, sample: tuple[Path, dict[str, Any]]) -> None:
    assert generate(tmp_path / "again") == sample[1]
    for name in sample[1]:
        assert (tmp_path / "again" / name).read_bytes() == (sample[0] / name).read_bytes(), name


def test_another_seed_gives_other_reviews_and_the_same_figures(
    tmp_path: Path, sample: tuple[Path, dict[str, Any]]
) -> None:
    assert generate(tmp_path / "other", "--seed", "8") == sample[1]
    for name in sample[1]:
        assert (tmp_path / "other" / name).read_bytes() != (sample[0] / name).read_bytes(), name


@pytest.mark.parametrize("reviews", ["80", "12000"])
def test_the_size_can_be_chosen(tmp_path: Path, reviews: str) -> None:
    files = generate(tmp_path, "--reviews", reviews)
    assert sum(file["recordsRead"] for file in files.values()) == pytest.approx(int(reviews), rel=0.25)


@pytest.mark.parametrize("source", ["native", "amazon-2018", "google-local"])
def test_json_lines_hold_one_record_a_line(source: str, sample: tuple[Path, dict[str, Any]]) -> None:
    name, expected = next((name, file) for name, file in sample[1].items() if file["source"] == source)
    lines = text_of(sample[0] / name).splitlines()
    assert len(lines) == expected["recordsRead"]
    unreadable = [line for line in lines if not _is_json(line)]
    assert len(unreadable) == expected["rejected"]["MALFORMED_JSON"]


def test_beer_reviews_are_python_dicts(sample: tuple[Path, dict[str, Any]]) -> None:
    expected = sample[1]["beer-advocate/beeradvocate.json"]
    lines = text_of(sample[0] / "beer-advocate/beeradvocate.json").splitlines()
    records = [ast.literal_eval(line) for line in lines if "unquoted" not in line]
    assert len(lines) == expected["recordsRead"]
    identities = {(r["user/profileName"], r["beer/beerId"], r["review/timeUnix"]) for r in records}
    assert len(identities) == expected["published"]


def test_the_array_breaks_off_in_its_last_record(sample: tuple[Path, dict[str, Any]]) -> None:
    text = text_of(sample[0] / "amazon-2023/Office_Products.json")
    expected = sample[1]["amazon-2023/Office_Products.json"]
    assert text.startswith("[") and not text.rstrip().endswith("]")
    readable = list(whole_values(text))
    unreadable = expected["rejected"]["MALFORMED_JSON"] + expected["rejected"]["TRUNCATED"]
    assert len(readable) == expected["recordsRead"] - unreadable


def test_wrapped_documents_hold_their_records_where_the_contract_says(
    sample: tuple[Path, dict[str, Any]],
) -> None:
    for source, key, kind in (("steam-api", "reviews", dict), ("google-play", "data", list)):
        name, expected = next((name, file) for name, file in sample[1].items() if file["source"] == source)
        document = json.loads(text_of(sample[0] / name).replace('"note": unquoted', '"note": null'))
        assert isinstance(document[key], kind)
        assert len(document[key]) == expected["recordsRead"]


def test_pretty_printed_records_stand_one_after_the_other(sample: tuple[Path, dict[str, Any]]) -> None:
    name, expected = next((name, file) for name, file in sample[1].items() if file["source"] == "yelp")
    text = text_of(sample[0] / name)
    values = list(whole_values(text))
    assert text.count("\n") > 9 * len(values)
    assert len(values) == expected["recordsRead"] - expected["rejected"]["MALFORMED_JSON"]
    assert len(
        {v["review_id"] for v in values if v["review_id"] and "business_id" in v and v["stars"] > 0}
    ) == (expected["published"] + expected["rejected"].get("TIMESTAMP_INVALID", 0))


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except json.JSONDecodeError:
        return False
    return True
