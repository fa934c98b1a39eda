"""dbt as a child process: its output goes to the task's log, and its queries end with it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_log = logging.getLogger(__name__)

# What dbt may see of Airflow's environment, which also holds Airflow's own secrets.
_HANDED_DOWN = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "DBT_THREADS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
)

# How long dbt may take to cancel its queries, in seconds.
_GRACE_SECONDS = 20


class DbtProcess:
    """One run of a command line of dbt."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], secret: str, folder: Path
    ) -> None:
        """Starts it.

        environment: its variables, beside some of Airflow's own. secret: the one that no log may show.
        folder: its working directory.
        """
        #: What it has said, line by line, without the secret.
        self.lines: list[str] = []
        self._secret_lines = [line for line in secret.splitlines() if not line.startswith("-----")]
        handed_down = {name: os.environ[name] for name in _HANDED_DOWN if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 (no shell: arguments stay arguments)
            list(command),
            # Times without a zone are UTC everywhere.
            env={**handed_down, "TZ": "UTC", **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def wait(self) -> int:
        """Logs its output until it ends, and returns its exit code. An exception ends the process."""
        try:
            for line in self._process.stdout or ():
                self.lines.append(self._masked(line.rstrip()))
                _log.info("%s", self.lines[-1])
            return self._process.wait()
        finally:
            self._end()

    def interrupt(self) -> None:
        """Asks it to end; may be called while another call waits.

        dbt cancels its queries on an interrupt only; after any other end they continue, and cost money.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def _masked(self, line: str) -> str:
        """dbt does not log the key; should that change, this does not.

        Not by Airflow's mask_secret: on level DEBUG that logs what it is told to mask.
        """
        for secret in self._secret_lines:
            line = line.replace(secret, "***")
        return line

    def _end(self) -> None:
        self.interrupt()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
