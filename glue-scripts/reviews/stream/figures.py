"""How a stream is going, as metrics: messages, dead letters, and what waits in each partition."""

from __future__ import annotations

import json
import threading
from typing import Any

from reviews import storage, tables
from reviews.job import log
from reviews.stream.options import Options


class Figures:
    """Counts between two reports."""

    def __init__(self, chosen: Options) -> None:
        self._chosen = chosen
        self._lock = threading.Lock()
        self._messages = 0
        self._dead_letters = 0

    def count(self, messages: int, dead_letters: int) -> None:
        """A batch was stored."""
        with self._lock:
            self._messages += messages
            self._dead_letters += dead_letters

    def report(self, progress: str | None) -> None:
        """Sends what was counted since the last report; a stream without messages says so, too."""
        with self._lock:
            messages, dead_letters = self._messages, self._dead_letters
            self._messages = self._dead_letters = 0
        waiting = lag(progress)
        log("stream goes on", messages=messages, dead_letters=dead_letters, lag=waiting)
        if storage.is_s3(self._chosen.raw):
            self._send(messages, dead_letters, waiting)

    def _send(self, messages: int, dead_letters: int, waiting: dict[str, int]) -> None:
        import boto3

        contract = json.loads(tables.read_contract("orchestration.json"))
        dimensions = [
            {"Name": contract["environmentDimension"], "Value": self._chosen.environment},
            {"Name": "stream", "Value": self._chosen.stream},
        ]

        def datum(name: str, value: int, *more: dict[str, str]) -> dict[str, Any]:
            return {"MetricName": name, "Dimensions": [*dimensions, *more], "Value": value, "Unit": "Count"}

        boto3.client("cloudwatch").put_metric_data(
            Namespace=contract["metricsNamespace"],
            MetricData=[
                datum("StreamMessages", messages),
                datum("StreamDeadLetters", dead_letters),
                datum("StreamLagMessages", sum(waiting.values())),
                *(
                    datum("StreamLagMessages", value, {"Name": "partition", "Value": partition})
                    for partition, value in waiting.items()
                ),
            ],
        )


def lag(progress: str | None) -> dict[str, int]:
    """Messages that wait in each partition, of the last batch's progress, in Spark's JSON."""
    if progress is None:
        return {}
    [source] = json.loads(progress)["sources"]
    stored, latest = (_offsets(source[name]) for name in ("endOffset", "latestOffset"))
    return {partition: max(0, offset - stored.get(partition, 0)) for partition, offset in latest.items()}


def _offsets(topics: dict[str, dict[str, int]] | None) -> dict[str, int]:
    return {partition: offset for found in (topics or {}).values() for partition, offset in found.items()}
