"""One process of the local DMS, which reads the changes of one task."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_shared.serving import end

from local_aws.options import Options

_EMULATORS = Path(__file__).parents[3]
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Told:
    """state: folder of the task; settings: of `local_dms`."""

    state: Path
    settings: dict[str, Any]
    password: str


class Reader:
    """A started process, which tells why it has ended."""

    def __init__(self, options: Options, told: Told, on_end: Callable[[str], None]) -> None:
        """Start it. `on_end` is called with its last words where it ends by itself; `reader.log` has all."""
        self._stopped = False
        self._log = told.state / "reader.log"
        self._process = _start(options, told)
        threading.Thread(target=self._watch, args=(on_end,), daemon=True, name="dms-reader").start()

    def stop(self) -> None:
        """End it: it stores what it has read of whole transactions, unless that takes too long."""
        self._stopped = True
        end(self._process, _STOP_SECONDS)

    def _watch(self, on_end: Callable[[str], None]) -> None:
        status = self._process.wait()
        if not self._stopped:
            on_end(_last_line(self._log) or f"the process ended with status {status}")


def drop_slot(options: Options, told: Told) -> None:
    """Remove the slot of a task. Raises RuntimeError with the process's last words."""
    if _start(options, told, "--drop").wait() != 0:
        raise RuntimeError(f"The slot could not be dropped: {_last_line(told.state / 'reader.log')}")


def _last_line(log: Path) -> str:
    lines = log.read_text().strip().splitlines()
    return lines[-1] if lines else ""


def _start(options: Options, told: Told, *more: str) -> subprocess.Popen[bytes]:
    if options.dms_python is None:
        raise RuntimeError("A replication task is started; start the local AWS with --dms-python")
    told.state.mkdir(parents=True, exist_ok=True)
    settings = told.state / "settings.json"
    target = {**told.settings["target"], "endpoint": options.endpoint}
    settings.write_text(json.dumps({**told.settings, "target": target}))
    arguments = ["--settings", str(settings), "--state", str(told.state), *more]
    with (told.state / "reader.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 (the interpreter that the operator names)
            [options.dms_python, "-m", "local_dms", *arguments],
            stdin=subprocess.PIPE,  # closed by our end, which ends it too
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(str(_EMULATORS / part) for part in ("dms", "shared")),
                "DMS_PASSWORD": told.password,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": options.region,
            },
            start_new_session=True,
        )
