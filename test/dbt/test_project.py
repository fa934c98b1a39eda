"""What the project's files have to hold: one definition of each thing, and nothing undocumented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import data_dictionary
import pytest
import sources_from_contracts
import yaml
from emulator_process import ROOT
from parquet import CONTRACTS, contract, published_tables

PROJECT = ROOT / "dbt"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
BEYOND_STAGING = [path for path in MODELS if path.parent.name != "staging"]
DETAIL = [path for path in MODELS if path.parent.name == "detail"]
OUTCOMES: dict[str, dict[str, Any]] = json.loads((CONTRACTS / "outcomes.json").read_text())


def properties(model: Path) -> dict[str, Any]:
    """What the file beside a model says of it."""
    document = yaml.safe_load(model.with_suffix(".yml").read_text())
    (found,) = document["models"]
    return dict(found)


def names_of_tests(model: Path) -> list[str]:
    """Generic tests of the model as a whole."""
    return [test if isinstance(test, str) else next(iter(test)) for test in properties(model)["data_tests"]]


def accepted_values(model: str, column: str) -> list[str]:
    (path,) = [path for path in MODELS if path.stem == model]
    (entry,) = [entry for entry in properties(path)["columns"] if entry["name"] == column]
    (test,) = [test["accepted_values"] for test in entry["data_tests"] if "accepted_values" in test]
    return list(test["arguments"]["values"])


def test_sources_are_what_the_contracts_say() -> None:
    """If not: run dbt/sources_from_contracts.py."""
    assert sources_from_contracts.SOURCES.read_text() == sources_from_contracts.render()


def test_data_dictionary_is_what_contracts_and_models_say() -> None:
    """If not: npm run data-dictionary."""
    assert data_dictionary.PAGE.read_text(encoding="utf-8") == data_dictionary.render()


def test_data_dictionary_lists_every_column_of_every_table() -> None:
    page = data_dictionary.render()
    for model in MODELS:
        section = page.split(f"### {model.stem}\n")[1].split("\n#")[0]
        assert [row for row in re.findall(r"^\| `(\w+)` \|", section, re.M)] == [
            column["name"] for column in properties(model)["columns"]
        ]
    for table in published_tables():
        section = page.split(f"### {table}\n")[1].split("\n#")[0]
        assert [row for row in re.findall(r"^\| `(\w+)` \|", section, re.M)] == [
            column["name"] for column in contract(table)["columns"]
        ]


def test_sources_say_where_their_files_are() -> None:
    (raw,) = yaml.safe_load(sources_from_contracts.SOURCES.read_text())["sources"]
    assert {table["external"]["location"] for table in raw["tables"]} == {
        f"@RAW.PUBLISHED/{table}/" for table in published_tables()
    }


@pytest.mark.parametrize("metric", ["average_rating", "positive_share", "answered_share", "review_count"])
def test_the_semantic_layer_has_the_main_measures(metric: str) -> None:
    """Its measures are columns of the model; that metrics and measures fit, dbt's own parser tells."""
    document = yaml.safe_load((PROJECT / "models/presentation/_semantic_models.yml").read_text())
    assert metric in {entry["name"] for entry in document["metrics"]}
    for semantic_model in document["semantic_models"]:
        name = re.findall(r"'(\w+)'", semantic_model["model"])[0]
        (path,) = [path for path in MODELS if path.stem == name]
        columns = {column["name"] for column in properties(path)["columns"]}
        assert {measure["expr"] for measure in semantic_model.get("measures", [])} <= columns


def test_every_published_table_has_one_staging_model() -> None:
    staged = {path.stem for path in MODELS if path.parent.name == "staging"}
    assert staged == {f"stg_{table}" for table in published_tables()}


@pytest.mark.parametrize("table", published_tables())
def test_staging_keeps_every_column_of_raw(table: str) -> None:
    (sql,) = [path.read_text() for path in MODELS if path.stem == f"stg_{table}"]
    selected = re.search(r"renamed as \(\s+select\n(.*?)\n    from", sql, re.S)
    assert selected
    sources = {re.split(r"::| as ", line.strip(" ,"))[0] for line in selected[1].splitlines()}
    names = {column["name"] for column in contract(table)["columns"]} | {"ingest_date", "batch_id"}
    assert names - sources == set()


def test_rejection_reasons_and_states_are_those_of_the_contract() -> None:
    macro = (PROJECT / "macros" / "record_reasons.sql").read_text()
    reasons = list(OUTCOMES["recordReasons"])
    assert re.findall(r"'(\w+)',", macro) == reasons
    assert accepted_values("fct_rejected_records", "reason") == reasons
    assert accepted_values("stg_rejected_records", "reason") == reasons
    for model in ("stg_file_events", "fct_file_events", "dim_files", "file_audit"):
        assert accepted_values(model, "status") == list(OUTCOMES["fileStatuses"])


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_model_tells_its_grain_and_describes_and_types_its_columns(model: Path) -> None:
    said = properties(model)
    assert said["name"] == model.stem
    assert re.search(r"Grain:\s+one\s+row\s+per", said["description"])
    assert all(column["description"] and column["data_type"] for column in said["columns"])


def test_every_model_keeps_to_an_enforced_contract() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    assert project["models"]["reviews"]["+contract"] == {"enforced": True}
    assert [path.stem for path in MODELS if "contract" in properties(path).get("config", {})] == []
    assert [path.stem for path in MODELS if re.search(r"config\([^)]*contract", path.read_text())] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_every_model_is_tested_for_nulls_and_its_key(model: Path) -> None:
    said = properties(model)
    tests = names_of_tests(model)
    assert "columns_not_null" in tests
    unique = [column for column in said["columns"] if "unique" in column.get("data_tests", [])]
    assert unique or "unique_key" in tests


@pytest.mark.parametrize(
    "model", [path for path in MODELS if path.parent.name in ("staging", "core")], ids=lambda path: path.stem
)
def test_an_event_asks_the_rules_of_every_model_that_marts_are_made_of(model: Path) -> None:
    assert "all_rules" in names_of_tests(model)


@pytest.mark.parametrize("model", BEYOND_STAGING, ids=lambda path: path.stem)
def test_every_table_after_staging_declares_the_key_that_is_tested(model: Path) -> None:
    if model.stem == "mart_freshness" or model in DETAIL:  # views, which have no constraints
        return
    said = properties(model)
    (key,) = [entry["columns"] for entry in said["constraints"] if entry["type"] == "primary_key"]
    tested = [
        test["unique_key"]["arguments"]["columns"] for test in said["data_tests"] if "unique_key" in test
    ]
    tested += [[column["name"]] for column in said["columns"] if "unique" in column.get("data_tests", [])]
    assert key in tested


@pytest.mark.parametrize("model", BEYOND_STAGING, ids=lambda path: path.stem)
def test_what_keeps_rows_of_batches_gives_up_those_of_replaced_ones(model: Path) -> None:
    """Else the increments would keep what a full refresh, which reads the batches that count, does not."""
    text = model.read_text()
    if "materialized='incremental'" in text and "recorded_batches" in text:
        assert "delete_replaced_rows()" in text or "forget_undescribing(" in text


@pytest.mark.parametrize("model", BEYOND_STAGING, ids=lambda path: path.stem)
def test_every_model_after_staging_has_a_guard_against_emptiness_and_a_unit_test(model: Path) -> None:
    assert "has_rows_when" in names_of_tests(model)
    units = yaml.safe_load(model.with_suffix(".yml").read_text())["unit_tests"]
    assert {unit["model"] for unit in units} == {model.stem}


@pytest.mark.parametrize("table", published_tables())
def test_staging_classifies_its_columns_as_the_contract_does(table: str) -> None:
    (model,) = [path for path in MODELS if path.stem == f"stg_{table}"]
    wanted = {
        staged_name(table, column["name"]): column["pii"]
        for column in contract(table)["columns"]
        if column["pii"] != "none"
    }
    assert {name: pii for name, pii in classes(model).items() if pii is not None} == wanted


@pytest.mark.parametrize("model", DETAIL, ids=lambda path: path.stem)
def test_a_model_that_shows_texts_classifies_every_column_that_can_hold_one(model: Path) -> None:
    found = classes(model)
    assert [name for name, pii in found.items() if pii is None] == []
    assert set(found.values()) <= {"none", "free-text"}, "whoever reads texts need not see who wrote them"
    (texts,) = [path for path in MODELS if path.stem == "stg_reviews"]
    for name, pii in classes(texts).items():
        assert name not in found or found[name] == (pii or "none")


def classes(model: Path) -> dict[str, str | None]:
    """The class of each column of a model that can hold a text; None where its file states none."""
    return {
        column["name"]: column.get("config", {}).get("meta", {}).get("pii")
        for column in properties(model)["columns"]
        if column["data_type"] in ("varchar", "array")
    }


@pytest.mark.parametrize(
    "model", [path for path in BEYOND_STAGING if path not in DETAIL], ids=lambda path: path.stem
)
def test_no_personal_column_goes_beyond_staging(model: Path) -> None:
    """By name, in the contract's words and in those of staging; that no value does, test_figures tells."""
    personal = {
        name
        for table in published_tables()
        for column in contract(table)["columns"]
        if column["pii"] != "none"
        for name in (column["name"], staged_name(table, column["name"]))
    }
    names = {column["name"] for column in properties(model)["columns"]}
    assert names & personal == set()


def staged_name(table: str, column: str) -> str:
    """What staging calls a column of raw."""
    (sql,) = [path.read_text() for path in MODELS if path.stem == f"stg_{table}"]
    renamed = re.search(rf"^\s+{column}(?:::\w+)? as (\w+)", sql, re.M)
    return renamed[1] if renamed else column


def test_every_dashboard_depends_on_presentation_only() -> None:
    exposures = yaml.safe_load((PROJECT / "models" / "presentation" / "_exposures.yml").read_text())[
        "exposures"
    ]
    presented = {path.stem for path in MODELS if path.parent.name == "presentation"}
    shown = {match for exposure in exposures for match in re.findall(r"ref\('(\w+)'\)", str(exposure))}
    assert shown == presented
