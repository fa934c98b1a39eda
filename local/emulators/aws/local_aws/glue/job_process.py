"""One process that runs one Glue job, in a process group of its own."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from local_aws.glue import job_environment
from local_aws.options import Options

_MAIN = Path(__file__).parent / "job_main.py"


@dataclass(frozen=True)
class Job:
    """What a process runs: local paths of script and zips, the script's arguments, Spark settings."""

    script: Path
    arguments: list[str]
    py_files: list[Path]
    spark_conf: dict[str, str]


class JobProcess:
    """A started job. Spark starts in it only if the script asks for it."""

    def __init__(self, options: Options, job: Job, log: Path) -> None:
        """Start the process; it writes everything to the log."""
        self.log = log
        self.error_file = log.with_suffix(".error")
        self._killed = False
        self._lock = threading.Lock()
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 (the interpreter the operator names)
                [options.glue_python, str(_MAIN), str(self.error_file), str(job.script), *job.arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=job_environment.variables(options, job.py_files, job.spark_conf),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Id of the process, and of the group of all it starts."""
        return self._process.pid

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
            self._process.stdin.close()
