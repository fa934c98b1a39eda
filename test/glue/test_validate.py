"""A verdict on a file without a cluster: the same that the pipeline comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import lines, native
from reviews import outcomes, validate
from reviews.errors import ContractError

CASES = Path(__file__).parent / "cases" / "files"


def verdict(folder: Path, text: str, name: str = "reviews.json", **settings: Any) -> dict[str, Any]:
    path = folder / name
    path.write_text(text)
    return validate.validate(path, **settings)


def test_counts_and_names_the_first_record_of_each_reason(tmp_path: Path) -> None:
    found = verdict(tmp_path, lines(native(1), native(2, rating=7), "nonsense", native(3, rating=8)))
    assert (found["status"], found["source"], found["layout"]) == ("PUBLISHED", "native", "lines")
    assert (found["recordsRead"], found["published"], found["duplicates"]) == (4, 1, 0)
    rating = found["rejected"].pop("RATING_INVALID")
    assert (rating["records"], rating["first"]) == (2, 2)
    assert 'in "rating" (a number)' in rating["detail"]
    malformed = found["rejected"].pop("MALFORMED_JSON")
    assert (malformed["records"], malformed["first"]) == (1, 3)
    assert malformed["detail"] == (
        "looked for JSON; from character 1 of 8 on the record is none (expecting value)"
    )
    assert found["rejected"] == {}


@pytest.mark.parametrize(
    ("figures", "status"),
    [
        ({"failure": "It broke."}, "FAILED"),
        ({}, "EMPTY"),
        ({"read": 2, "duplicates": 1, "rejected": {"MISSING_ID": 1}}, "PUBLISHED"),
        ({"read": 2, "rejected": {"MALFORMED_JSON": 1, "MISSING_ID": 1}}, "REJECTED"),
        ({"read": 2, "rejected": {"MALFORMED_JSON": 2, "MISSING_ID": 0}}, "QUARANTINED"),
    ],
)
def test_decides_on_a_file_as_the_pipeline_does(figures: dict[str, Any], status: str) -> None:
    assert outcomes.status(outcomes.FileOutcome(**figures)) == status


def test_says_why_a_file_is_nobodys(tmp_path: Path) -> None:
    found = verdict(
        tmp_path, json.dumps({"review_id": "1", "product": "Lamp", "reviewer": 1, "created_at": ""})
    )
    assert (found["status"], found["reason"], found["source"]) == ("QUARANTINED", "UNKNOWN_SOURCE", None)
    assert "native comes closest" in found["detail"]


def test_a_file_of_another_producer_is_rejected_under_the_contract_it_is_given(tmp_path: Path) -> None:
    found = verdict(tmp_path, lines(native(1)), source="yelp")
    assert (found["status"], found["source"]) == ("REJECTED", "yelp")
    assert "looked for product_id" in found["rejected"]["MISSING_PRODUCT"]["detail"]


def test_an_empty_page_is_empty() -> None:
    found = validate.validate(CASES / "05-steam-last-page-review_998.json", "steam-api")
    assert (found["status"], found["recordsRead"]) == ("EMPTY", 0)


def test_leaves_the_file_as_it_is_and_nothing_beside_it(tmp_path: Path) -> None:
    text = lines(native(1))
    assert verdict(tmp_path, text)["published"] == 1
    assert [path.read_text() for path in tmp_path.iterdir()] == [text]


def test_refuses_a_contract_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"contracts/sources/nobody\.json"):
        verdict(tmp_path, "{}", source="nobody")


def test_the_command_exits_with_1_where_nothing_would_be_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text("{}")
    monkeypatch.setattr("sys.argv", ["validate", str(tmp_path / "a.json"), "--source", "native"])
    with pytest.raises(SystemExit) as stopped:
        validate.main()
    assert (stopped.value.code, json.loads(capsys.readouterr().out)["status"]) == (1, "REJECTED")
