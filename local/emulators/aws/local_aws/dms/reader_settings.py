"""What the local DMS has to know of a replication: what the templates say of the task and its endpoints."""

from __future__ import annotations

import json
import re
from typing import Any

# "MaxFileSize", S3Settings, AWS DMS API Reference (kilobytes).
_LARGEST_FILE = 1_048_576

_CHANGE = "$AR_H_CHANGE_SEQ"


class NotPerformedError(ValueError):
    """A template asks for what the local DMS does not do."""


def reader_settings(
    task: dict[str, Any], source: dict[str, Any], target: dict[str, Any], login: dict[str, Any]
) -> dict[str, Any]:
    """Settings of `local_dms`, without the password. Raises NotPerformedError.

    task, source, target: properties as in "AWS::DMS::ReplicationTask" and "AWS::DMS::Endpoint",
    CloudFormation template reference. login: host, port and username.
    """
    files = target.get("S3Settings", {})
    _check("MigrationType", task.get("MigrationType"), "full-load-and-cdc")
    _check("EngineName of the source", source.get("EngineName"), "postgres")
    _check("EngineName of the target", target.get("EngineName"), "s3")
    _check("DataFormat", files.get("DataFormat"), "parquet")
    _check("IncludeOpForFullLoad", files.get("IncludeOpForFullLoad"), expected=True)
    rules = json.loads(task["TableMappings"])["rules"]
    place = _only(rules, "selection")["object-locator"]
    change = _only(rules, "transformation")
    _check("expression of the added column", change.get("expression"), _CHANGE)
    database = source.get("PostgreSqlSettings", {})
    return {
        "name": slot_name(str(task["ReplicationTaskIdentifier"])),
        "source": {
            "connection": {
                "host": login["host"],
                "port": login["port"],
                "user": login["username"],
                "dbname": source["DatabaseName"],
                "sslmode": source.get("SslMode", "none").replace("none", "disable"),
            },
            "schema": _literal(place["schema-name"]),
            "table": _literal(place["table-name"]),
            "heartbeat_schema": database.get("HeartbeatSchema") if database.get("HeartbeatEnable") else None,
            "heartbeat_seconds": 60 * database.get("HeartbeatFrequency", 5),
        },
        "target": {
            "bucket": files["BucketName"],
            "folder": files["BucketFolder"],
            "timestamp_column": files["TimestampColumnName"],
            "change_column": change["value"],
            "max_batch_seconds": files.get("CdcMaxBatchInterval", 60),
            "min_file_kilobytes": files.get("CdcMinFileSize", 32_000),
            "max_file_kilobytes": files.get("MaxFileSize", _LARGEST_FILE),
        },
        "rds_instance": None,
    }


def slot_name(task: str) -> str:
    """Name of the slot and of the publication: PostgreSQL takes small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9_]", "_", task.lower())


def _only(rules: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [rule for rule in rules if rule["rule-type"] == kind]
    if len(found) != 1:
        raise NotPerformedError(f"the table mappings have {len(found)} rules of type {kind}; 1 is performed")
    return found[0]


def _literal(pattern: str) -> str:
    """The one name that a pattern stands for. "Wildcards in table mapping", AWS DMS User Guide."""
    if re.search(r"[%_]", pattern.replace("[_]", "")):
        raise NotPerformedError(f"{pattern} stands for several names; one table is performed")
    return pattern.replace("[_]", "_")


def _check(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise NotPerformedError(f"{what} is {found!r}; {expected!r} is performed")
