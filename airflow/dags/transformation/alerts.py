"""Tells the people on call, by the pipeline's alert topic (SNS)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from airflow.configuration import conf

from transformation import artifacts
from transformation.alert_text import Alert, failed_task_alert, stale_sources_alert, timed_out_run_alert
from transformation.results import Node, failed, nodes_of
from transformation.settings import optional

_log = logging.getLogger(__name__)

# What Airflow hands to a callback: parts of its Context only, where the scheduler found the failure, not
# the task.
CallbackContext = Mapping[str, Any]


def alert_failed_task(context: CallbackContext) -> None:
    """Failure callback of the tasks: which of dbt's nodes failed, where the log is."""
    ti = context["ti"]
    failure = failed_task_alert(
        dag_id=ti.dag_id,
        task_id=ti.task_id,
        run_id=ti.run_id,
        try_number=ti.try_number,
        nodes=_failed_nodes(ti.run_id) if ti.task_id == "dbt_build" else [],
        log_url=_log_url(ti),
        artifacts_uri=artifacts.artifacts_uri(ti.run_id),
    )
    _publish(failure)


def alert_timed_out_run(context: CallbackContext) -> None:
    """Failure callback of the DAG: failed tasks send their own alerts, a run that times out does not."""
    if context["reason"] == "timed_out":
        run_id = context["run_id"]
        _publish(timed_out_run_alert(context["dag"].dag_id, run_id, artifacts.artifacts_uri(run_id)))


def alert_stale_sources(context: CallbackContext, stale: Sequence[Node]) -> None:
    """Reports sources that are older than allowed, in scheduled runs only: once a day."""
    if stale and context["dag_run"].run_type == "scheduled":
        _publish(stale_sources_alert(context["ti"].run_id, stale, _log_url(context["ti"])))


def _log_url(ti: Any) -> str:
    """Page of a task's log. `ti.log_url` is wrong where the configured address does not end with a slash."""
    address = conf.get("api", "base_url").rstrip("/")
    page = f"/dags/{ti.dag_id}/runs/{quote(ti.run_id)}/tasks/{ti.task_id}?try_number={ti.try_number}"
    return f"{address}{page}"


def _failed_nodes(run_id: str) -> list[Node]:
    """Read from S3: a worker's disk is gone with the worker, and the callback then runs elsewhere."""
    try:
        text = artifacts.read(run_id, "run_results.json")
        return failed(nodes_of(text)) if text else []
    except Exception:
        _log.exception("The results of the build could not be read: the alert is sent without them.")
        return []


def _publish(alert: Alert) -> None:
    # Heavy, and not needed to parse the DAG.
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    topic = optional("alert_topic_arn")
    if not topic:
        _log.error("No alert was sent, because reviews.alert_topic_arn is not set: %s", alert.subject)
        return
    hook = SnsHook(aws_conn_id=None)  # type: ignore[no-untyped-call]
    hook.publish_to_target(topic, alert.message, alert.subject)
    _log.info("Sent an alert to those on call: %s", alert.subject)
