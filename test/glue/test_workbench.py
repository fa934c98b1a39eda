"""The workbench of contracts shows what the jobs make of a file, and what a contract makes nothing of."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import lines, native
from reviews import workbench
from reviews.errors import ContractError


def test_shows_rows_and_what_no_field_maps(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(lines(native(1, mood="glad"), native(2, rating=7)))
    shown = workbench.preview("native", path)
    assert (shown["status"], shown["published"], shown["recognisedAs"]) == ("PUBLISHED", 1, "native")
    (review,) = shown["rows"]["reviews"]
    assert (review["review_id"], review["attributes"]) == ("R1", {"mood": "glad"})
    assert shown["unmapped"] == {"mood": 1}
    assert "title" in shown["neverFilled"] and "rating" not in shown["neverFilled"]


def test_says_by_which_contract_a_file_is_recognised_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    path.write_text(lines(native(1)))
    shown = workbench.preview("yelp", path)
    assert (shown["recognisedAs"], shown["published"]) == ("native", 0)


def test_refuses_a_contract_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in str(workbench.check("nobody"))
    with pytest.raises(ContractError, match="has no contract"):
        workbench.preview("nobody", tmp_path / "none.jsonl")
