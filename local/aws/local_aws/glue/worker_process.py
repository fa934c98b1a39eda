"""One process that runs one Glue job, in a process group of its own."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local_aws.glue import spark_settings
from local_aws.options import Options

_SCRIPT = Path(__file__).parent / "job_worker.py"

type Kind = Literal["python", "spark", "warm-spark"]


@dataclass(frozen=True)
class Assignment:
    """What a worker is to run: local paths of script and zips, the script's arguments, Spark settings."""

    script: Path
    arguments: list[str]
    py_files: list[Path] = field(default_factory=list)
    spark_conf: dict[str, str] = field(default_factory=dict)

    def line(self) -> bytes:
        """The assignment as the line that the worker reads."""
        job = {
            "script": str(self.script),
            "arguments": self.arguments,
            "pyFiles": [str(file) for file in self.py_files],
            "conf": self.spark_conf,
        }
        return json.dumps(job).encode() + b"\n"


class WorkerProcess:
    """A started worker that waits for its assignment, then runs it and ends."""

    def __init__(self, options: Options, kind: Kind, log: Path) -> None:
        """Start the process; it writes everything to the log, which may be renamed while it runs."""
        self.log = log
        self._killed = False
        self._lock = threading.Lock()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (the interpreter the operator names)
                [options.glue_python, str(_SCRIPT), kind],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=spark_settings.environment(options),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Id of the process, and of the group of all it starts."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def assign(self, assignment: Assignment, log: Path) -> None:
        """Hand over the job; from now on its output goes to the given file. A dead worker shows in wait."""
        self.log.replace(log)
        self.log = log
        assert self._process.stdin is not None  # noqa: S101 (given to Popen above)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(assignment.line())
            self._process.stdin.flush()

    def wait(self, seconds: float) -> int | None:
        """Wait for the end and return the exit status (negative: a signal); None if it takes longer."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Kill the process and everything it started, once, and wait for its end."""
        with self._lock:
            if self._killed:
                return
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
