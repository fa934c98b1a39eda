"""The process of one Glue job run; runs on the interpreter of Glue jobs and knows nothing of MiniStack.

Standard input brings one line, the job as JSON, and is the lifeline: when it closes, this process ends with all
its children. Called with the argument "spark", it starts Spark before it reads the job; so a process that was
started ahead of its job has a session ready.

    {"script": path, "arguments": [...], "pyFiles": [path, ...], "conf": {Spark setting: value, ...}}
"""

import importlib
import json
import os
import runpy
import signal
import sys
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    """Get ready, wait for the job, run its script as __main__."""
    lifeline = os.fdopen(os.dup(0), "rb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    py_files: list[str] = []
    if sys.argv[1:] == ["spark"]:
        session_class = _session_class()
        _honour_every_setting(session_class, py_files)
        session_class.builder.getOrCreate()
    line = _read_line(lifeline)
    if not line:
        return
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()
    job = json.loads(line)
    py_files += job["pyFiles"]
    if "pyspark" in sys.modules:
        _prepare_session(job["conf"], py_files)
    sys.path[:0] = py_files
    sys.path.insert(0, str(Path(job["script"]).parent))
    sys.argv = [job["script"], *job["arguments"]]
    runpy.run_path(job["script"], run_name="__main__")


def _session_class() -> Any:
    """pyspark's SparkSession; imported late, since a job without Spark must not pay for it."""
    return importlib.import_module("pyspark.sql").SparkSession


def _read_line(stream: Any) -> bytes:
    """Read up to the end of the line, byte by byte: what follows belongs to the lifeline."""
    line = b""
    while not line.endswith(b"\n"):
        piece = stream.read(1)
        if not piece:
            return b""
        line += piece
    return line


def _die_with_parent(lifeline: Any) -> None:
    lifeline.read(1)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _prepare_session(conf: dict[str, str], py_files: list[str]) -> None:
    builder = _session_class().builder
    for name, value in conf.items():
        builder = builder.config(name, value)
    _add_py_files(builder.getOrCreate(), py_files)


def _add_py_files(session: Any, py_files: list[str]) -> None:
    for file in py_files:
        session.sparkContext.addPyFile(file)


def _honour_every_setting(session_class: Any, py_files: list[str]) -> None:
    """Let a script's ``SparkSession.builder.config(…)`` work as if it had started Spark itself.

    ``getOrCreate`` on a running session applies what may change at run time and drops the rest with a
    warning. Where something would be dropped, start a new context with it, in the same Java process.
    """
    builder_class = session_class.Builder
    original = builder_class.getOrCreate

    def get_or_create(builder: Any) -> Any:
        session = session_class.getActiveSession()
        if session is None or not _dropped_settings(session, builder._options):
            return original(builder)
        session.stop()
        session = original(builder)
        _add_py_files(session, py_files)
        return session

    builder_class.getOrCreate = get_or_create


def _dropped_settings(session: Any, wanted: dict[str, Any]) -> list[str]:
    """Name the settings that the running session would drop and that change what it does."""
    current = session.sparkContext.getConf()
    return [
        name
        for name, value in wanted.items()
        if name not in {"spark.app.name", "spark.master"}
        and not session.conf.isModifiable(name)
        and current.get(name) != str(value)
    ]


if __name__ == "__main__":
    main()
