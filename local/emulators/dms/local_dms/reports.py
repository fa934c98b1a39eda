"""What happens beside the stream: the heartbeat at the source, and the metrics of the slot."""

from __future__ import annotations

import threading
import time
from typing import Any

from psycopg2 import sql

from local_dms import slot
from local_dms.settings import Settings

_SECONDS = 5.0


class Reports:
    """Says every few seconds how far the slot is behind."""

    def __init__(self, settings: Settings, session: Any, cloudwatch: Any) -> None:
        self._settings = settings
        self._session = session
        self._cloudwatch = cloudwatch
        self._beats_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Report until told to stop."""
        while not stop.wait(_SECONDS):
            self._beat()
            self._measure()

    def _beat(self) -> None:
        """A write moves a slot whose table is idle. "HeartbeatEnable", AWS DMS User Guide."""
        source = self._settings.source
        if source.heartbeat_schema is None or time.monotonic() < self._beats_at:
            return
        self._beats_at = time.monotonic() + source.heartbeat_seconds
        table = sql.Identifier(source.heartbeat_schema, "awsdms_heartbeat")
        with self._session.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "create table if not exists {} (name text primary key, beaten_at timestamptz)"
                ).format(table)
            )
            cursor.execute(
                sql.SQL(
                    "insert into {} values (%s, now()) on conflict (name) do update set beaten_at = now()"
                ).format(table),
                (self._settings.name,),
            )

    def _measure(self) -> None:
        """The metric is that of RDS. "Amazon CloudWatch metrics for Amazon RDS", Amazon RDS User Guide."""
        if self._settings.rds_instance is None:
            return
        retained = slot.lag(self._session, self._settings.name).retained
        metric = {
            "MetricName": "OldestReplicationSlotLag",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": self._settings.rds_instance}],
            "Unit": "Bytes",
            "Value": retained,
        }
        self._cloudwatch.put_metric_data(Namespace="AWS/RDS", MetricData=[metric])
