"""What the DAG counts, in CloudWatch, where alarms watch it."""

from __future__ import annotations

import logging

from transformation.settings import contract, optional

_log = logging.getLogger(__name__)


def count_late_batches(count: int) -> None:
    """Writes the number of batches that are LATE; 0 ends the alarm. A failure to write it fails no build."""
    # Heavy, and not needed to parse the DAG.
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    environment = optional("environment")
    if not environment:
        _log.info("LATE batches: %d. reviews.environment is not set, so no metric is written.", count)
        return
    names = contract()
    datum = {
        "MetricName": names["lateBatchesMetric"],
        "Dimensions": [{"Name": names["environmentDimension"], "Value": environment}],
        "Value": count,
        "Unit": "Count",
    }
    try:
        hook = AwsBaseHook(aws_conn_id=None, client_type="cloudwatch")
        hook.conn.put_metric_data(Namespace=names["metricsNamespace"], MetricData=[datum])
    except Exception:
        _log.exception("The number of batches that are LATE, %d, could not be written to CloudWatch.", count)
