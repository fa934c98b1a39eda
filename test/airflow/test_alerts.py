"""What the people on call read."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from transformation import alerts, artifacts
from transformation.results import Node

RUN = "manual__2026-11-21T05:17:00+00:00"
PATIENCE = "Got 3 results, configured to fail if != 0"


class Published:
    """The topic: what was sent to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hook = MagicMock()
        monkeypatch.setattr(
            "airflow.providers.amazon.aws.hooks.sns.SnsHook", MagicMock(return_value=self.hook)
        )
        monkeypatch.setenv("AIRFLOW__REVIEWS__ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:a")

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Subject and message of each."""
        return [(call.args[2], call.args[1]) for call in self.hook.publish_to_target.call_args_list]


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Published:
    return Published(monkeypatch)


def context(task_id: str = "dbt_build", **more: Any) -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="reviews_dbt", task_id=task_id, run_id=RUN, try_number=2)
    return {"ti": ti, **more}


def results(monkeypatch: pytest.MonkeyPatch, *nodes: tuple[str, str, str]) -> None:
    """Puts a results file where the callback looks for it."""
    listed = [{"unique_id": name, "status": status, "message": message} for name, status, message in nodes]
    kept = {(RUN, "run_results.json"): json.dumps({"results": listed})}
    monkeypatch.setattr(artifacts, "read", lambda run_id, name: kept.get((run_id, name)))


def test_a_failed_build_names_its_nodes_and_where_to_look(
    monkeypatch: pytest.MonkeyPatch, topic: Published
) -> None:
    results(
        monkeypatch,
        ("model.reviews.stg_reviews", "success", "SUCCESS 1"),
        ("test.reviews.unique_key_fct_reviews.4f2a", "fail", PATIENCE),
        ("model.reviews.product_daily", "skipped", ""),
    )
    alerts.alert_failed_task(context())
    ((subject, message),) = topic.sent
    assert subject == "Reviews: dbt_build failed: unique_key_fct_reviews"
    assert f"test.reviews.unique_key_fct_reviews.4f2a (fail) {PATIENCE}" in message
    assert "stg_reviews" not in message and "product_daily" not in message
    assert (
        "https://airflow.example/dags/reviews_dbt/runs/manual__2026-11-21T05%3A17%3A00%2B00%3A00"
        "/tasks/dbt_build?try_number=2" in message
    )
    assert f"s3://reviews-airflow/artifacts/dbt/{RUN}/" in message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (PATIENCE, PATIENCE),
        (
            "Database Error in model fct_reviews (models/core/fct_reviews.sql)\n  100038 (22018): "
            "Numeric value 'jane@example.com' is not recognized",
            "Database Error in model fct_reviews (models/core/fct_reviews.sql) 100038 (22018): "
            "Numeric value … is not recognized",
        ),
        ('Duplicate row, row values: [12, "Jane\'s"]', "Duplicate row, row values: …"),
        ("Failed to cast variant value \"it's Jane", "Failed to cast variant value …"),
        ("value 'it's Jane' is too long and 'so' is this", "value … is this"),
    ],
)
def test_messages_go_without_what_they_quote(
    said: str, told: str, monkeypatch: pytest.MonkeyPatch, topic: Published
) -> None:
    results(monkeypatch, ("model.reviews.fct_reviews", "error", said))
    alerts.alert_failed_task(context())
    ((_, message),) = topic.sent
    assert f"model.reviews.fct_reviews (error) {told}\n" in message
    assert "Jane" not in message and "jane@" not in message


def test_long_messages_are_cut() -> None:
    assert len(Node("model.reviews.x", "error", "word " * 100).safe_message) == 200


def test_many_nodes_are_counted_and_the_first_ten_named(
    monkeypatch: pytest.MonkeyPatch, topic: Published
) -> None:
    results(monkeypatch, *[(f"test.reviews.some_quite_long_name_{n}.x", "fail", "") for n in range(25)])
    alerts.alert_failed_task(context())
    ((subject, message),) = topic.sent
    assert subject == "Reviews: dbt_build failed: some_quite_long_name_0 and 24 more"
    assert "some_quite_long_name_9." in message and "some_quite_long_name_10." not in message
    assert "15 more" in message


def test_a_subject_is_one_that_sns_takes(monkeypatch: pytest.MonkeyPatch, topic: Published) -> None:
    results(monkeypatch, (f"test.reviews.prüfung_{'x' * 200}.x", "fail", ""))
    alerts.alert_failed_task(context())
    ((subject, _),) = topic.sent
    assert len(subject) < 100 and subject.isascii() and subject.isprintable()


@pytest.mark.parametrize("text", [None, "no JSON", '{"results": [{}]}'])
def test_without_readable_results_it_still_tells(
    text: str | None, monkeypatch: pytest.MonkeyPatch, topic: Published
) -> None:
    monkeypatch.setattr(artifacts, "read", lambda run_id, name: text)
    alerts.alert_failed_task(context())
    ((subject, message),) = topic.sent
    assert subject == "Reviews: dbt_build failed"
    assert "the log says more" in message


def test_other_tasks_do_not_blame_the_nodes_of_the_build(
    monkeypatch: pytest.MonkeyPatch, topic: Published
) -> None:
    results(monkeypatch, ("test.reviews.a.x", "fail", ""))
    alerts.alert_failed_task(context("dbt_docs"))
    assert topic.sent[0][0] == "Reviews: dbt_docs failed"


def test_a_run_that_takes_too_long_is_told_and_other_failures_not_twice(topic: Published) -> None:
    dag = SimpleNamespace(dag_id="reviews_dbt")
    alerts.alert_timed_out_run({"dag": dag, "run_id": RUN, "reason": "task_failure"})
    assert topic.sent == []
    alerts.alert_timed_out_run({"dag": dag, "run_id": RUN, "reason": "timed_out"})
    ((subject, message),) = topic.sent
    assert subject == "Reviews: A run of dbt took too long"
    assert RUN in message


@pytest.mark.parametrize(("run_type", "sent"), [("scheduled", 1), ("asset_triggered", 0), ("manual", 0)])
def test_stale_sources_are_told_once_a_day(run_type: str, sent: int, topic: Published) -> None:
    stale = [Node("source.reviews.raw.reviews", "error", "")]
    alerts.alert_stale_sources(context("source_freshness", dag_run=SimpleNamespace(run_type=run_type)), stale)
    assert len(topic.sent) == sent


def test_without_a_topic_the_log_says_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, topic: Published
) -> None:
    monkeypatch.delenv("AIRFLOW__REVIEWS__ALERT_TOPIC_ARN")
    results(monkeypatch)
    alerts.alert_failed_task(context())
    assert topic.sent == []
    assert "reviews.alert_topic_arn is not set" in caplog.text
