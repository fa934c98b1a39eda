"""The operators with a program in dbt's place: how it is called, kept, judged and stopped."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
)
from airflow.sdk import Context
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.utils.timeout import timeout
from transformation import artifacts, operators
from transformation.operators import DbtBuild, DbtDocs, DbtOperator, SourceFreshness
from transformation.results import Node

KEY_LINES = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"]
LOGIN = {
    "account": "LOCAL",
    "user": "DBT",
    "privateKey": "\n".join(["-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----"]),
    "accessUrl": "http://127.0.0.1:4567",
}

# Writes down how it was called, leaves what it is told to leave, and ends as it is told.
_PROGRAM = """#!{python}
import json, os, sys, time
from pathlib import Path
plan = json.loads(Path({plan!r}).read_text())
arguments = sys.argv[1:]
parsed = Path(arguments[arguments.index("--target-path") + 1], "partial_parse.msgpack")
call = {{
    "arguments": arguments,
    "environment": dict(os.environ),
    "parsed": parsed.read_text() if parsed.exists() else None,
}}
Path({seen!r}).write_text(json.dumps(call))
for option, files in (("--target-path", plan["target"]), ("--log-path", {{"dbt.log": "all details"}})):
    folder = Path(arguments[arguments.index(option) + 1])
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
print("Grüße", os.environ["SNOWFLAKE_PRIVATE_KEY"], flush=True)
print(plan["says"], flush=True)
try:
    time.sleep(plan["seconds"])
except KeyboardInterrupt:
    Path({seen!r}).write_text("interrupted")
sys.exit(plan["exit_code"])
"""


class Dbt:
    """The program, and what was kept of its runs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kept: dict[str, str] = {}
        self._left_for_others: dict[str, str] = {}
        self._plan, self._seen = folder / "plan.json", folder / "seen.json"
        program = folder / "dbt"
        program.write_text(_PROGRAM.format(python=sys.executable, plan=str(self._plan), seen=str(self._seen)))
        program.chmod(0o755)
        monkeypatch.setenv("DBT_BIN", str(program))
        monkeypatch.setattr(artifacts, "keep", self._keep)
        monkeypatch.setattr(artifacts, "fetch", self._fetch)
        monkeypatch.setattr(artifacts, "read", lambda run_id, name: self._place(run_id).get(name))
        monkeypatch.setattr(
            artifacts, "write", lambda run_id, name, text: self._place(run_id).update({name: text})
        )
        monkeypatch.setattr(
            "airflow.providers.amazon.aws.hooks.secrets_manager.SecretsManagerHook.get_secret",
            lambda hook, name: json.dumps(LOGIN),
        )
        self.will()

    def will(
        self,
        exit_code: int = 0,
        seconds: float = 0,
        parse: str | None = None,
        says: str = "",
        **target: Mapping[str, Any],
    ) -> None:
        """Plans its runs. parse: the project as it parses it. says: a line of its output. target: content of
        the other files in its target folder, by name without ending."""
        files = {f"{name}.json": json.dumps(content) for name, content in target.items()}
        files |= {"partial_parse.msgpack": parse} if parse else {}
        self._plan.write_text(
            json.dumps({"exit_code": exit_code, "seconds": seconds, "says": says, "target": files})
        )

    def _place(self, run_id: str) -> dict[str, str]:
        return {"manual__1": self.kept, artifacts.BETWEEN_RUNS: self._left_for_others}[run_id]

    def _keep(self, run_id: str, files: list[tuple[Path, str]]) -> None:
        self._place(run_id).update({name: file.read_text() for file, name in files if file.is_file()})

    def _fetch(self, run_id: str, name: str, file: Path) -> None:
        if name in self._place(run_id):
            file.write_text(self._place(run_id)[name])

    @property
    def parsed(self) -> str | None:
        """The parsed project that it found."""
        return cast("str | None", json.loads(self.said)["parsed"])

    @property
    def ran(self) -> bool:
        return self._seen.exists()

    @property
    def said(self) -> str:
        return self._seen.read_text()

    @property
    def arguments(self) -> list[str]:
        return list(json.loads(self.said)["arguments"])

    @property
    def environment(self) -> dict[str, str]:
        return dict(json.loads(self.said)["environment"])


@pytest.fixture
def dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dbt:
    return Dbt(tmp_path, monkeypatch)


def run(operator: type[DbtOperator], try_number: int = 1, run_type: str = "manual", **params: Any) -> None:
    values = {"full_refresh": False, "select": "", **params}
    task = SimpleNamespace(run_id="manual__1", try_number=try_number)
    context = {"params": values, "ti": task, "dag_run": SimpleNamespace(run_type=DagRunType(run_type))}
    operator(task_id="the_task").execute(cast(Context, context))


def results(*nodes: tuple[str, str]) -> dict[str, Any]:
    return {"results": [{"unique_id": name, "status": status, "message": ""} for name, status in nodes]}


FRESH = results(("source.reviews.raw.reviews", "pass"))


@pytest.mark.parametrize(
    ("operator", "command"),
    [
        (SourceFreshness, ["source", "freshness"]),
        (DbtBuild, ["build", "--exclude-resource-type", "unit_test"]),
        (DbtDocs, ["docs", "generate", "--no-compile"]),
    ],
)
def test_dbt_runs_on_the_delivered_project_and_writes_elsewhere(
    operator: type[DbtOperator], command: list[str], dbt: Dbt
) -> None:
    dbt.will(sources=FRESH)
    run(operator)
    arguments = dbt.arguments
    assert arguments[: len(command)] == command
    options = dict(zip(arguments[len(command) : -1 : 2], arguments[len(command) + 1 :: 2], strict=True))
    project = Path(options["--project-dir"])
    assert (project / "dbt_project.yml").is_file()
    for written in (options["--target-path"], options["--log-path"]):
        assert not Path(written).is_relative_to(project)
        assert not Path(written).exists(), "the folder goes with the run"


@pytest.mark.parametrize("operator", [SourceFreshness, DbtDocs])
def test_a_run_started_by_an_event_skips_freshness_and_docs(operator: type[DbtOperator], dbt: Dbt) -> None:
    with pytest.raises(AirflowSkipException, match="on schedule and by hand"):
        run(operator, run_type="asset_triggered")
    assert not dbt.ran
    dbt.will(sources=FRESH)
    run(operator, run_type="scheduled")
    assert dbt.ran


@pytest.mark.parametrize(("run_type", "left_out"), [("asset_triggered", True), ("scheduled", False)])
def test_a_build_started_by_an_event_leaves_out_the_tests_of_marts(
    run_type: str, left_out: bool, dbt: Dbt
) -> None:
    run(DbtBuild, run_type=run_type)
    assert dbt.arguments[0] == "build"
    for layer in ("presentation", "detail"):
        assert (f"resource_type:test,path:models/{layer}" in dbt.arguments) is left_out


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of dbt with one view."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: reviews")
    (folder / "models" / "stg_reviews.sql").write_text("select 1")
    monkeypatch.setenv("DBT_PROJECT_DIR", str(folder))
    return folder


def makes_views(dbt: Dbt, **parameters: Any) -> bool:
    """Whether a build that an event has started makes the views."""
    run(DbtBuild, run_type="asset_triggered", **parameters)
    return "resource_type:model,config.materialized:view" not in dbt.arguments


def test_an_event_makes_no_views_that_are_those_of_the_project(project: Path, dbt: Dbt) -> None:
    assert makes_views(dbt), "nobody has made them yet"
    assert not makes_views(dbt)
    assert "empty" in dbt.arguments, "their tests run all the same"
    run(DbtBuild, run_type="scheduled")
    assert "resource_type:model,config.materialized:view" not in dbt.arguments, (
        "by which tags that somebody took away come back"
    )
    assert not makes_views(dbt)


def test_an_event_makes_the_views_of_a_changed_project(
    project: Path, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert makes_views(dbt)
    (project / "models" / "stg_reviews.sql").write_text("select 2")
    assert makes_views(dbt)
    (project / "macros").mkdir()
    (project / "macros" / "classify_columns.sql").write_text("{% macro classify_columns() %}{% endmacro %}")
    assert makes_views(dbt)
    monkeypatch.setenv("AIRFLOW__REVIEWS__SNOWFLAKE_GOVERNANCE", "true")
    assert makes_views(dbt)
    assert not makes_views(dbt)


def test_after_a_failed_build_an_event_makes_the_views(project: Path, dbt: Dbt) -> None:
    assert makes_views(dbt)
    dbt.will(exit_code=1, run_results=results(("model.reviews.fct_reviews", "error")))
    with pytest.raises(AirflowException):
        run(DbtBuild, run_type="asset_triggered")
    dbt.will()
    assert makes_views(dbt)


def test_a_build_that_never_ended_or_of_a_part_says_nothing_of_the_views(
    project: Path, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert makes_views(dbt)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="lost"):
        broken.setattr(operators.DbtProcess, "wait", MagicMock(side_effect=OSError("lost")))
        run(DbtBuild, run_type="scheduled")
    assert makes_views(dbt)
    run(DbtBuild, select="product_daily")
    assert makes_views(dbt)


def test_parameters_reach_dbt_as_arguments(dbt: Dbt) -> None:
    run(DbtBuild, full_refresh=True, select="+product_daily tag:core")
    assert dbt.arguments[3:7] == ["--full-refresh", "--select", "+product_daily", "tag:core"]


def test_the_login_reaches_dbt_by_its_environment_only(dbt: Dbt, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        run(DbtBuild)
    environment = dbt.environment
    assert environment["SNOWFLAKE_PRIVATE_KEY"] == LOGIN["privateKey"]
    expected = {
        **{"SNOWFLAKE_ACCOUNT": "LOCAL", "SNOWFLAKE_USER": "DBT", "SNOWFLAKE_ROLE": "REVIEWS_TRANSFORMER"},
        **{"SNOWFLAKE_WAREHOUSE": "REVIEWS_WH", "SNOWFLAKE_DATABASE": "REVIEWS"},
        "SNOWFLAKE_GOVERNANCE": "false",
        **{"SNOWFLAKE_HOST": "127.0.0.1", "SNOWFLAKE_PORT": "4567", "SNOWFLAKE_PROTOCOL": "http"},
    }
    assert expected.items() <= environment.items()
    for line in KEY_LINES:
        assert line not in " ".join(dbt.arguments)
        assert line not in caplog.text
    # Even where dbt itself says it.
    assert "Grüße -----BEGIN PRIVATE KEY-----" in caplog.text
    assert "***" in caplog.text


def test_dbt_sees_nothing_of_airflow_and_its_clock_is_utc(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", "/python")
    monkeypatch.setenv("TZ", "America/New_York")
    run(DbtBuild)
    assert dbt.environment["TZ"] == "UTC"
    assert not [name for name in dbt.environment if name.startswith(("AIRFLOW", "AWS_", "PYTHONPATH"))]


@pytest.mark.parametrize("secret", ["not JSON, but a key", "[]", '{"account": "A", "user": "U"}'])
def test_what_is_no_login_is_refused_without_quoting_it(
    secret: str, dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "airflow.providers.amazon.aws.hooks.secrets_manager.SecretsManagerHook.get_secret",
        lambda hook, name: secret,
    )
    with pytest.raises(AirflowFailException, match="The secret reviews/dbt is no login") as refused:
        run(DbtBuild)
    assert secret not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


def test_a_missing_option_says_its_name(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__REVIEWS__SNOWFLAKE_SECRET")
    with pytest.raises(AirflowFailException, match=r"reviews\.snowflake_secret"):
        run(DbtBuild)


def test_without_dbt_it_says_where_it_was_sought(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_BIN", "/nowhere/dbt")
    with pytest.raises(AirflowFailException, match="/nowhere/dbt"):
        run(DbtBuild)


def test_the_project_is_parsed_once_for_all_tasks_and_later_runs(dbt: Dbt) -> None:
    dbt.will(sources=FRESH, parse="parsed")
    run(SourceFreshness)
    assert dbt.parsed is None
    dbt.will(run_results=results(("model.reviews.dim_products", "success")))
    run(DbtBuild)
    assert dbt.parsed == "parsed"
    dbt.will(sources=FRESH, parse="parsed again")
    run(SourceFreshness)
    assert dbt.parsed == "parsed"
    run(SourceFreshness)
    assert dbt.parsed == "parsed again"


def test_artifacts_are_kept_whatever_became_of_the_build(dbt: Dbt) -> None:
    failed = results(("test.reviews.a.x", "fail"))
    dbt.will(exit_code=1, run_results=failed, manifest={"nodes": {}}, partial_parse={})
    with pytest.raises(AirflowException):
        run(DbtBuild)
    assert set(dbt.kept) == {"run_results.json", "manifest.json", "the_task.log"}
    assert json.loads(dbt.kept["run_results.json"]) == failed


def test_a_failed_test_is_not_tried_again(dbt: Dbt) -> None:
    dbt.will(exit_code=1, run_results=results(("model.reviews.a", "error"), ("test.reviews.b.x", "fail")))
    with pytest.raises(AirflowFailException, match=r"test\.reviews\.b\.x"):
        run(DbtBuild)


@pytest.mark.parametrize("target", [{"run_results": results(("model.reviews.a", "error"))}, {}])
def test_any_other_failure_is(target: dict[str, Any], dbt: Dbt) -> None:
    dbt.will(exit_code=1, **target)
    with pytest.raises(AirflowException) as failure:
        run(DbtBuild)
    assert not isinstance(failure.value, AirflowFailException)


LATE_BATCHES = {"unique_id": "test.reviews.no_batch_is_late", "status": "warn", "message": "", "failures": 2}


def test_every_build_counts_late_batches_whether_it_succeeds_or_not(
    dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__REVIEWS__ENVIRONMENT", "reviews-test")
    hook = MagicMock()
    monkeypatch.setattr(
        "airflow.providers.amazon.aws.hooks.base_aws.AwsBaseHook", MagicMock(return_value=hook)
    )
    dbt.will(run_results={"results": [LATE_BATCHES]})
    run(DbtBuild)
    dbt.will(exit_code=1, run_results={"results": [{**LATE_BATCHES, "failures": 0}]})
    with pytest.raises(AirflowException):
        run(DbtBuild)
    dbt.will(run_results=results(("model.reviews.product_daily", "success")))
    run(DbtBuild)

    written = [call.kwargs for call in hook.conn.put_metric_data.call_args_list]
    assert [(call["Namespace"], call["MetricData"][0]["Value"]) for call in written] == [
        ("ReviewPipeline", 2),
        ("ReviewPipeline", 0),
    ]
    assert written[0]["MetricData"][0]["MetricName"] == "LateBatches"
    assert written[0]["MetricData"][0]["Dimensions"] == [{"Name": "service", "Value": "reviews-test"}]


def test_a_build_counts_how_long_new_files_took_by_source(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__REVIEWS__ENVIRONMENT", "reviews-test")
    hook = MagicMock()
    monkeypatch.setattr(
        "airflow.providers.amazon.aws.hooks.base_aws.AwsBaseHook", MagicMock(return_value=hook)
    )
    of_yelp = {"source": "yelp", "files": 3, "sum": 900.5, "minimum": 60.0, "maximum": 600.0}
    dbt.will(
        says=f"arrival_to_queryable {json.dumps([of_yelp])}",
        run_results=results(("model.reviews.dim_batches", "success")),
    )
    run(DbtBuild)
    (written,) = [call.kwargs["MetricData"] for call in hook.conn.put_metric_data.call_args_list]
    assert written == [
        {
            "MetricName": "ArrivalToQueryableSeconds",
            "Dimensions": [
                {"Name": "service", "Value": "reviews-test"},
                {"Name": "source", "Value": "yelp"},
            ],
            "StatisticValues": {"SampleCount": 3, "Sum": 900.5, "Minimum": 60.0, "Maximum": 600.0},
            "Unit": "Seconds",
        }
    ]


def test_a_count_that_cannot_be_written_fails_no_build(
    dbt: Dbt, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__REVIEWS__ENVIRONMENT", "reviews-test")
    monkeypatch.setattr(
        "airflow.providers.amazon.aws.hooks.base_aws.AwsBaseHook", MagicMock(side_effect=OSError("no way"))
    )
    dbt.will(run_results={"results": [LATE_BATCHES]})
    run(DbtBuild)
    assert "The number of batches that are LATE, 2, could not be written" in caplog.text


def test_stale_sources_warn_and_stop_nothing(
    dbt: Dbt, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Node] = []
    monkeypatch.setattr(operators, "alert_stale_sources", lambda context, stale: told.extend(stale))
    sources = [("source.reviews.raw.reviews", "warn"), ("source.reviews.raw.products", "error")]
    dbt.will(exit_code=1, sources=results(*sources))
    run(SourceFreshness)
    assert "Stale sources: raw.reviews, raw.products" in caplog.text
    assert [node.name for node in told] == ["raw.products"]


@pytest.mark.parametrize(
    "target",
    [{"sources": results(("source.reviews.raw.reviews", "runtime error"))}, {}, {"sources": results()}],
)
def test_sources_that_cannot_be_measured_are_tried_again(target: dict[str, Any], dbt: Dbt) -> None:
    dbt.will(exit_code=1, **target)
    with pytest.raises(AirflowException, match="freshness"):
        run(SourceFreshness)


def test_docs_fail_as_dbt_does(dbt: Dbt) -> None:
    dbt.will(exit_code=2)
    with pytest.raises(AirflowException, match="exit code 2"):
        run(DbtDocs)


def test_a_build_that_takes_too_long_is_interrupted_and_its_artifacts_kept(dbt: Dbt) -> None:
    """On an interrupt dbt cancels its queries."""
    dbt.will(seconds=60, manifest={})
    began = time.monotonic()
    with pytest.raises(AirflowTaskTimeout), timeout(5):
        run(DbtBuild)
    assert time.monotonic() - began < 30
    assert dbt.said == "interrupted"
    assert "manifest.json" in dbt.kept


BROKEN_OFF = results(("model.reviews.dim_files", "success"), ("model.reviews.fct_reviews", "error"))


def test_a_build_that_broke_off_goes_on_where_it_broke_off(dbt: Dbt) -> None:
    dbt.will(exit_code=2, run_results=BROKEN_OFF)
    with pytest.raises(AirflowException):
        run(DbtBuild)
    dbt.will(run_results=results(("model.reviews.fct_reviews", "success")))
    run(DbtBuild, try_number=2)
    assert dbt.arguments[:2] == ["retry", "--project-dir"]


@pytest.mark.parametrize(
    "before",
    [
        None,
        results(("model.reviews.fct_reviews", "success")),
        results(("model.reviews.dim_files", "error"), ("test.reviews.unique_fct_reviews", "fail")),
    ],
    ids=["nothing was kept", "it succeeded and was cleared", "a test failed and its data was put right"],
)
def test_any_other_try_builds_everything(dbt: Dbt, before: dict[str, Any] | None) -> None:
    if before:
        dbt.kept["run_results.json"] = json.dumps(before)
    run(DbtBuild, try_number=2)
    assert dbt.arguments[0] == "build"
