"""The story as a warehouse goes through it, with the tables after each step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import story
import yaml
from compaction import Counts, compact, watched
from dbt_runs import PROJECT, DbtRun
from warehouse import Warehouse

Table = list[dict[str, Any]]

BUILD = ("build", "--exclude-resource-type", "unit_test")

VIEWS = "resource_type:model,config.materialized:view"

SINGLE_RULES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["single_rules"]

EVENT = (
    *BUILD,
    *("--indirect-selection", "empty", "--exclude", VIEWS, "path:models/core/pseudonym_keys*"),
    *(f"resource_type:test,path:models/{layer}" for layer in ("presentation", "detail")),
    *("test_name:relationships", "tag:audit", *(f"test_name:{rule}" for rule in SINGLE_RULES)),
)
"""What a run of the DAG does that published reviews have started: the rules of each model in one statement,
no audit, no tests of marts, and what changes with the project only stays."""

RUN = ("run", "--exclude", VIEWS)
"""The same without any test."""

INCREMENTAL = (
    "fct_file_events",
    "fct_reviews",
    "fct_deleted_reviews",
    "fct_review_versions",
    "fct_rejected_records",
    "dim_products",
    "dim_reviewers",
)
CORE = (*INCREMENTAL, "dim_files", "dim_batches")
PRESENTATION = (
    "brand_category_monthly",
    "calendar",
    "customer_360",
    "file_audit",
    "helpfulness",
    "language_summary",
    "product_comparison",
    "product_daily",
    "product_summary",
    "rating_trend_monthly",
    "response_performance",
    "review_versions",
    "reviewer_360",
    "reviewer_activity",
    "source_quality_daily",
    "verification_mix",
)
"""Those that say something of the reviews; `mart_freshness` reports the runs themselves."""


@dataclass
class Moment:
    """A run of dbt and the tables after it, by their names."""

    run: DbtRun
    tables: dict[str, Table]
    counts: Counts = field(default_factory=set)
    """Numbers of rows that a reader of staging has seen around the run; one where they never changed."""

    def row(self, table: str, **key: Any) -> dict[str, Any]:
        """The one row of a table with these values."""
        (found,) = [row for row in self.tables[table] if key.items() <= row.items()]
        return found

    def product(self, product_id: str) -> dict[str, Any]:
        return self.row("product_summary", product_id=product_id)

    def file(self, name: str, version_id: str = "v1") -> dict[str, Any]:
        return self.row("file_audit", object_key=f"reviews/native/{name}", version_id=version_id)


def _moment(warehouse: Warehouse, *command: str, **variables: Any) -> Moment:
    run = warehouse.succeed(*command, variables=variables)
    core = {name: warehouse.table(f"core.{name}") for name in (*CORE, "compacted_batches", "pseudonym_keys")}
    presentation = (*PRESENTATION, "mart_freshness")
    return Moment(run, core | {name: warehouse.table(f"presentation.{name}") for name in presentation})


def tell(warehouse: Warehouse) -> dict[str, Moment]:
    """The story's moments by name, in their order; to save time, some steps go without dbt's tests."""
    told = {"empty": _moment(warehouse, *BUILD)}
    warehouse.publish(story.FIRST)
    told["first"] = _moment(warehouse, *BUILD)
    told["nothing new"] = _moment(warehouse, *RUN)
    warehouse.publish(story.AGAIN)
    told["again"] = _moment(warehouse, *RUN)
    warehouse.publish(story.SECOND, story.REJECTED_ONLY, story.FAILED)
    # What the failed execution had published is still to be seen.
    warehouse.put(story.FAILED.publication())
    told["second"] = _moment(warehouse, *BUILD)
    warehouse.withdraw(story.FAILED.publication())
    warehouse.publish(story.RERUN, story.REPLAYED)
    warehouse.withdraw(story.REJECTED_ONLY.publication())
    told["rerun"] = _moment(warehouse, *RUN)
    warehouse.publish(story.DELETED)
    told["deleted"] = _moment(warehouse, *RUN)
    warehouse.publish(story.RETURNED)
    told["returned"] = _moment(warehouse, *BUILD)
    with watched(warehouse) as counts:
        compact(warehouse, grace_hours=20)
        told["compacted"] = replace(_moment(warehouse, *EVENT), counts=counts)
        compact(warehouse, grace_hours=0)
    told["full refresh"] = _moment(warehouse, "run", "--full-refresh")
    told["new pseudonyms"] = _moment(warehouse, "run", "--select", "pseudonym_keys+", pseudonym_generation=2)
    return told
