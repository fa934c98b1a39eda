"""The process of one Glue job run; runs on the interpreter of Glue jobs and knows nothing of MiniStack.

Standard input brings one line, the job as JSON, and is the lifeline: when it closes, this process ends with
all its children. The argument says what to get ready before the job is read: "python" nothing, "spark" a
session, "warm-spark" a session that has worked already.

    {"script": path, "arguments": [...], "pyFiles": [path, ...], "conf": {Spark setting: value, ...}}
"""

import contextlib
import importlib
import json
import os
import queue
import runpy
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    """Get ready, wait for the job, run its script as __main__."""
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    lifeline = os.fdopen(os.dup(0), "rb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=_watch, args=(lifeline, jobs), daemon=True).start()
    kind = sys.argv[1]
    spark = None if kind == "python" else SparkStart()
    if kind == "warm-spark" and spark is not None:
        spark.warm_up()
    job = json.loads(jobs.get())
    if spark is not None:
        spark.prepare(job["conf"], job["pyFiles"])
    sys.path[:0] = [str(Path(job["script"]).parent), *job["pyFiles"]]
    sys.argv = [job["script"], *job["arguments"]]
    runpy.run_path(job["script"], run_name="__main__")


def _watch(lifeline: Any, jobs: "queue.SimpleQueue[bytes]") -> None:
    """Pass on the job, and end this process and its children as soon as the lifeline closes."""
    line = b""
    while piece := lifeline.read(4096):
        line += piece
        if line.endswith(b"\n"):
            jobs.put(line)
    os.killpg(os.getpgid(0), signal.SIGKILL)


class SparkStart:
    """A Spark session that was started before its job was known, and behaves as if the job had started it.

    ``getOrCreate`` on a running session applies what may change at run time and drops the rest with a
    warning. Where something would be dropped, a new context is started with it, in the same Java process.
    """

    def __init__(self) -> None:
        """Start Spark; pyspark is imported here, since a job without Spark must not pay for it."""
        self._session_class = importlib.import_module("pyspark.sql").SparkSession
        self._conf: dict[str, str] = {}
        self._py_files: list[str] = []
        self._get_or_create = self._session_class.Builder.getOrCreate
        self._session_class.Builder.getOrCreate = lambda builder: self._honouring_all(builder)
        self._session_class.builder.getOrCreate()

    def warm_up(self) -> None:
        """Do once, on next to nothing, what most jobs do: read, parse, shuffle, write, look into S3.

        A Java process pays for all this the first time, in loading of classes and compilation: 12 of the 14
        seconds that a job on ten rows took on a busy machine.
        """
        session = self._session_class.getActiveSession()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "lines").write_text('{"key": 1}\n')
            session.read.text(f"file:{folder}/lines").selectExpr(
                "try_variant_get(try_parse_json(value), '$.key', 'int') AS key"
            ).groupBy("key").count().write.parquet(f"file:{folder}/table")
            session.read.parquet(f"file:{folder}/table").collect()
        path = session._jvm.org.apache.hadoop.fs.Path("s3://warm-up/nothing")
        # Refused, since there is no such bucket; that is enough to have loaded the client.
        with contextlib.suppress(importlib.import_module("py4j.protocol").Py4JJavaError):
            path.getFileSystem(session.sparkContext._jsc.hadoopConfiguration()).exists(path)

    def prepare(self, conf: dict[str, str], py_files: list[str]) -> None:
        """Apply the job's own settings and hand its zips to the executors."""
        self._conf = conf
        self._py_files = py_files
        before = self._session_class.getActiveSession()
        if self._session_class.builder.getOrCreate() is before:
            self._add_py_files(before)

    def _honouring_all(self, builder: Any) -> Any:
        for name, value in self._conf.items():
            if name not in builder._options:
                builder.config(name, value)
        session = self._session_class.getActiveSession()
        if session is None or not _dropped_settings(session, builder._options):
            return self._get_or_create(builder)
        session.stop()
        session = self._get_or_create(builder)
        self._add_py_files(session)
        return session

    def _add_py_files(self, session: Any) -> None:
        for file in self._py_files:
            session.sparkContext.addPyFile(file)


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
