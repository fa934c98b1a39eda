"""Runs one replication: ``DMS_PASSWORD=… python -m local_dms --settings FILE --state DIR``.

The full load comes first, once; then changes, until a signal or the parent's end. With ``--drop`` it removes
the slot and ends. Prints a line of JSON for each step.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
from local_shared.serving import reason_to_end

from local_dms import full_load, reports, settings, slot
from local_dms.files import Files
from local_dms.settings import Settings
from local_dms.stream import Stream


def main() -> None:
    """Replicate until there is a reason to end."""
    parser = argparse.ArgumentParser(prog="python -m local_dms", description=__doc__)
    parser.add_argument("--settings", type=Path, required=True, help="what to replicate (JSON)")
    parser.add_argument("--state", type=Path, required=True, help="folder that remembers the full load")
    parser.add_argument("--drop", action="store_true", help="remove the slot and end")
    chosen = parser.parse_args()
    told = settings.read(chosen.settings)
    told.source.connection["password"] = os.environ["DMS_PASSWORD"]

    stop = reason_to_end()
    try:
        if chosen.drop:
            slot.drop(told.source, told.name)
        else:
            _replicate(told, chosen.state, stop)
    except slot.ReplicationError as error:
        raise SystemExit(f"Replication {told.name}: {error}.") from None


def _replicate(told: Settings, state: Path, stop: threading.Event) -> None:
    files = Files(_client("s3", told), told.target)
    state.mkdir(parents=True, exist_ok=True)
    loaded = state / "full-load-done"
    session = slot.connect(told.source)
    session.autocommit = True
    slot.check(session, told.source, told.name)
    if not loaded.exists():
        # The slot first: what is committed from then on is in it. An earlier one has changes that are needed.
        replication = slot.connect_for_replication(told.source)
        snapshot = None if slot.exists(session, told.name) else slot.create(replication, told.name)
        rows = full_load.run(told, files, snapshot)
        replication.close()
        loaded.touch()
        _say(step="full load", rows=rows)
    stream = Stream(told, files)
    report = reports.Reports(told, session, _client("cloudwatch", told))
    threading.Thread(target=report.run, args=(stop,), daemon=True, name="reports").start()
    _say(step="changes")
    stream.run(lambda: not stop.is_set())
    _say(step="stopped", changes=stream.changes, files=stream.files, lag=asdict(slot.lag(session, told.name)))


def _client(service: str, told: Settings) -> Any:
    return boto3.client(service, endpoint_url=told.target.endpoint)


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
