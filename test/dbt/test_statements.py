"""What dbt sends to Snowflake, where each statement costs time: every check, and no more than is needed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from dbt_runs import PROJECT, DbtRun
from warehouse import Warehouse


def sent(run: DbtRun, table: str) -> list[str]:
    """First words of the statements of a run that name a table, in their order."""
    named = re.compile(rf"\b{table}\b", re.IGNORECASE)
    bare = [re.sub(r"/\*.*?\*/|--[^\n]*", "", statement, flags=re.S) for statement in run.statements]
    return [" ".join(statement.split()[:2]).lower() for statement in bare if named.search(statement)]


def test_an_increment_checks_its_contract_and_its_table_and_merges(warehouse: Warehouse) -> None:
    run = warehouse.succeed("run", "--select", "fct_review_versions")
    # The first ingest date, then the three; after them what is deleted or replaced goes.
    deletions = ["delete from"] * 2
    assert sent(run, "fct_review_versions") == [
        *("select to_varchar(min(first_of.ingest_date),", "select *", "describe table", "merge into"),
        *(*deletions, "insert into"),
    ]


def test_a_mart_checks_its_contract_is_replaced_and_described(warehouse: Warehouse) -> None:
    run = warehouse.succeed("run", "--select", "calendar")
    # The last one is of the run's results.
    assert sent(run, "calendar") == ["create or", "comment on", "alter table", "insert into"]
    assert sent(run, "__dbt_sbq") == ["select *"]


WRONG = {
    "fct_deleted_reviews": (
        "- name: batch_id\n        data_type: varchar",
        "- name: batch_id\n        data_type: date",
    ),
    "dim_files": ("- name: etag\n", "- name: entity_tag\n"),
    "fct_rejected_records": (
        "- name: reason\n        data_type: varchar",
        "- name: reason\n        data_type: date",
    ),
}
"""Of an incremental model, a table and a model with a list: what the contract says, and what is false."""


def test_a_query_that_breaks_its_contract_is_not_run(warehouse: Warehouse, tmp_path: Path) -> None:
    project = tmp_path / "dbt"
    shutil.copytree(PROJECT, project)
    for model, (declared, wrong) in WRONG.items():
        file = project / "models" / "core" / f"{model}.yml"
        text = file.read_text()
        assert text.count(declared) == 1, model
        file.write_text(text.replace(declared, wrong))
    run = warehouse.dbt("run", "--select", *WRONG, project=project)
    assert run.with_status("error") == set(WRONG)
    assert run.output.count("has an enforced contract that failed") == len(WRONG)
    assert not [
        words for words in run.statements if re.search("merge into|create or replace transient", words)
    ]


def test_a_column_that_a_table_does_not_have_yet_is_added(warehouse: Warehouse) -> None:
    table = f"{warehouse.database}.core.fct_deleted_reviews"

    def types() -> dict[str, str]:
        return {row["name"]: row["type"] for row in warehouse.rows(f"describe table {table}")}

    before = types()
    warehouse.execute(f"alter table {table} drop column reason")
    warehouse.succeed("run", "--select", "fct_deleted_reviews")
    assert types() == before
    warehouse.succeed("run", "--full-refresh", "--select", "fct_deleted_reviews")
