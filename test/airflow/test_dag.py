"""The DAG as Airflow sees it."""
# ruff: noqa: S603 (the tests start their own programs)

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.exceptions import ParamValidationError
from airflow.models.dagbag import DagBag
from airflow.sdk import DAG
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.base import TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.utils.dag_cycle_tester import check_cycle
from transformation.alerts import alert_failed_task, alert_timed_out_run
from transformation.operators import DbtOperator
from transformation.selection import SINGLE_RULES, build_arguments

ROOT = Path(__file__).parents[2]
CONTRACT = json.loads((ROOT / "contracts" / "orchestration.json").read_text())


@pytest.fixture(scope="module")
def dagbag() -> DagBag:
    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], include_examples=False)


@pytest.fixture(scope="module")
def dag(dagbag: DagBag) -> Any:
    return dagbag.dags[CONTRACT["dagId"]]


def dbt_tasks(dag: DAG) -> list[DbtOperator]:
    return [task for task in dag.tasks if isinstance(task, DbtOperator)]


def test_the_folder_holds_this_dag_and_imports_without_errors(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}
    assert list(dagbag.dags) == [CONTRACT["dagId"]]
    # Modules that are no DAGs are not even read.
    assert [Path(stat.file).name for stat in dagbag.dagbag_stats] == ["reviews_dbt.py"]


def test_the_tasks_are_in_order_and_without_a_cycle(dag: DAG) -> None:
    check_cycle(dag)
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "source_freshness": set(),
        "dbt_build": {"source_freshness"},
        "dbt_docs": {"dbt_build"},
        "verdict": {"source_freshness", "dbt_build", "dbt_docs"},
    }


def test_docs_follow_any_build_that_ran_and_nothing_follows_a_failure_but_they(dag: DAG) -> None:
    rules = {task.task_id: str(task.trigger_rule) for task in dag.tasks}
    assert rules == {
        "source_freshness": "all_success",
        # Freshness and docs may be skipped, and may not fail.
        "dbt_build": "none_failed",
        "dbt_docs": "one_done",
        "verdict": "none_failed",
    }


def test_it_runs_on_schedule_and_on_asset_events(dag: DAG) -> None:
    timetable = dag.timetable
    assert isinstance(timetable, AssetOrTimeSchedule)
    assert isinstance(timetable.timetable, CronTriggerTimetable)
    assert timetable.timetable.serialize()["expression"] == "17 5 * * *"
    assert timetable.timetable.serialize()["timezone"] == "UTC"
    assert [asset.name for _, asset in timetable.asset_condition.iter_assets()] == [
        CONTRACT["publishedAsset"]
    ]


@pytest.mark.parametrize("minutes_late", [1, 43, 180])
def test_the_first_run_on_schedule_waits_for_the_next_time(
    dag: DAG, monkeypatch: pytest.MonkeyPatch, minutes_late: int
) -> None:
    deployed = datetime(2026, 11, 26, 5, 17, tzinfo=UTC) + timedelta(minutes=minutes_late)
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: deployed)
    first = dag.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(None, None, catchup=False)
    )
    assert first is not None
    assert first.run_after == datetime(2026, 11, 27, 5, 17, tzinfo=UTC)


def test_the_schedule_is_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__REVIEWS__DBT_SCHEDULE", "3 4 * * 0")
    dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], include_examples=False).dags[CONTRACT["dagId"]]
    assert isinstance(dag.timetable, AssetOrTimeSchedule)
    assert dag.timetable.timetable.serialize()["expression"] == "3 4 * * 0"


def test_one_run_at_a_time_and_none_for_the_past(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert dag.start_date is None
    assert not dag.catchup
    assert dag.is_paused_upon_creation is False


def test_every_task_is_tried_again_ever_later_and_has_an_end(dag: DAG) -> None:
    for task in dbt_tasks(dag):
        assert task.retries == 2
        assert task.retry_exponential_backoff
        assert task.retry_delay == timedelta(minutes=1)
        assert task.max_retry_delay == timedelta(minutes=10)
        assert task.execution_timeout is not None


def test_a_run_has_time_for_all_tries_of_all_tasks(dag: DAG) -> None:
    tries = sum(
        ((task.execution_timeout or timedelta()) * (task.retries + 1) for task in dbt_tasks(dag)),
        timedelta(),
    )
    waits = sum(
        ((task.max_retry_delay or timedelta()) * task.retries for task in dbt_tasks(dag)), timedelta()
    )
    assert dag.dagrun_timeout is not None
    assert tries + waits < dag.dagrun_timeout


def test_failures_are_told(dag: DAG) -> None:
    assert all(task.on_failure_callback == [alert_failed_task] for task in dbt_tasks(dag))
    assert dag.on_failure_callback is alert_timed_out_run


def test_it_says_what_it_is_and_whose(dag: DAG) -> None:
    assert {"reviews", "dbt"} <= set(dag.tags)
    assert {task.owner for task in dag.tasks} == {"data-platform"}
    assert dag.doc_md is not None
    for word in ("Freshness", "full_refresh", "reviews.artifacts_uri", CONTRACT["publishedAsset"]):
        assert word in dag.doc_md


def test_nothing_of_a_task_is_a_template(dag: DAG) -> None:
    """Airflow keeps rendered fields in its database, and templates are how parameters become commands."""
    assert all(list(task.template_fields) == [] for task in dbt_tasks(dag))


@pytest.mark.parametrize(
    "select",
    [
        "fct_reviews; rm -rf /",
        "$(id)",
        "`id`",
        "a && b",
        "a | b",
        "a > b",
        "--profiles-dir /tmp",
        "-s x",
        "'x'",
        '"x"',
        "{{ conn.get('x') }}",
        "a\\b",
        "ünïcode",
        "x" * 501,
    ],
)
def test_a_selection_cannot_be_anything_else(dag: DAG, select: str) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.get_param("select").resolve(select)


@pytest.mark.parametrize("full_refresh", ["true", "; id", 1, None])
def test_a_full_refresh_is_yes_or_no(dag: DAG, full_refresh: object) -> None:
    with pytest.raises(ParamValidationError):
        dag.params.get_param("full_refresh").resolve(full_refresh)


def test_parameters_become_arguments_one_by_one(dag: DAG) -> None:
    select = dag.params.get_param("select").resolve(
        "+product_daily tag:core,config.materialized:table  path:models/core"
    )
    assert build_arguments({"select": select, "full_refresh": True}, on_event=False) == [
        "--full-refresh",
        "--select",
        "+product_daily",
        "tag:core,config.materialized:table",
        "path:models/core",
        "--exclude",
        "test_name:all_rules",
    ]
    assert build_arguments({"select": "", "full_refresh": False}, on_event=False) == [
        "--exclude",
        "test_name:all_rules",
    ]


def test_an_event_leaves_out_audits_the_tests_of_marts_and_what_is_known_with_dbts_own_words() -> None:
    assert build_arguments({"select": "", "full_refresh": False}, on_event=True, without_views=True) == [
        "--indirect-selection",
        "empty",
        "--exclude",
        "resource_type:test,path:models/presentation",
        "resource_type:test,path:models/detail",
        "test_name:relationships",
        "tag:audit",
        "test_name:accepted_values",
        "test_name:columns_not_negative",
        "test_name:columns_not_null",
        "test_name:in_range",
        "test_name:is_true",
        "test_name:unique",
        "test_name:unique_key",
        "resource_type:model,config.materialized:view",
        "path:models/core/pseudonym_keys*",
    ]


def test_an_event_leaves_to_all_rules_what_it_asks() -> None:
    project = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text())
    assert list(SINGLE_RULES) == project["vars"]["single_rules"]


_PARSE = """
import sys, time
from airflow.models.dagbag import DagBag
import airflow.providers.standard.operators.empty, airflow.sdk, airflow.timetables.assets
before = time.process_time()
bag = DagBag(sys.argv[1], include_examples=False)
print(time.process_time() - before)
print([name for name in ("boto3", "botocore", "airflow.providers.amazon", "pandas") if name in sys.modules])
"""


def test_it_parses_fast_and_imports_nothing_heavy() -> None:
    """Airflow parses it every half minute, and before each task."""
    dags = os.environ["AIRFLOW__CORE__DAGS_FOLDER"]
    parsed = subprocess.run(
        [sys.executable, "-c", _PARSE, dags],
        env={**os.environ, "PYTHONPATH": dags},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, heavy = parsed.stdout.strip().splitlines()[-2:]
    assert heavy == "[]"
    assert float(seconds) <= 1


def test_one_version_of_airflow_is_locked_and_deployed() -> None:
    lock = (ROOT / "airflow" / "requirements-local.txt").read_text()
    settings = (ROOT / "lib" / "config" / "orchestration-settings.ts").read_text()
    locked = re.search(r"^apache-airflow==(\S+)", lock, re.M)
    deployed = re.search(r"airflowVersion:.*?default\('([^']+)'\)", settings, re.S)
    assert locked and deployed
    assert locked[1] == deployed[1]
