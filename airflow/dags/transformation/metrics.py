"""What the DAG counts, in CloudWatch, where alarms watch it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from transformation.results import Arrivals
from transformation.settings import contract, optional

_log = logging.getLogger(__name__)


def count_late_batches(count: int) -> None:
    """Writes the number of batches that are LATE; 0 ends the alarm. A failure to write it fails no build."""
    names = contract()
    datum = {"MetricName": names["lateBatchesMetric"], "Value": count, "Unit": "Count"}
    _write(f"The number of batches that are LATE, {count},", [datum])


def count_arrivals(arrivals: Sequence[Arrivals]) -> None:
    """Writes how long files took from their arrival until they could be queried, a value for each file of a
    source. A failure to write it fails no build."""
    names = contract()
    _write(
        f"The seconds from arrival to queryable of {', '.join(of.source for of in arrivals)}",
        [
            {
                "MetricName": names["queryableMetric"],
                "Dimensions": [{"Name": names["sourceDimension"], "Value": of.source}],
                "StatisticValues": {
                    "SampleCount": of.files,
                    "Sum": of.sum,
                    "Minimum": of.minimum,
                    "Maximum": of.maximum,
                },
                "Unit": "Seconds",
            }
            for of in arrivals
        ],
    )


def _write(what: str, data: Sequence[Mapping[str, Any]]) -> None:
    # Heavy, and not needed to parse the DAG.
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    environment = optional("environment")
    if not environment:
        _log.info("%s is not written to CloudWatch: reviews.environment is not set.", what)
        return
    names = contract()
    common = {"Name": names["environmentDimension"], "Value": environment}
    metric_data = [{**datum, "Dimensions": [common, *datum.get("Dimensions", ())]} for datum in data]
    try:
        hook = AwsBaseHook(aws_conn_id=None, client_type="cloudwatch")
        hook.conn.put_metric_data(Namespace=names["metricsNamespace"], MetricData=metric_data)
    except Exception:
        _log.exception("%s could not be written to CloudWatch.", what)
