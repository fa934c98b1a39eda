"""Runs one accepted job run to its end in a process."""

import logging
import shutil
import time
from pathlib import Path

from local_aws.glue import arguments, failure, run_logs
from local_aws.glue.job_process import Job, JobProcess
from local_aws.glue.job_run import JobRun
from local_aws.glue.s3_files import FetchError, fetch
from local_aws.options import Options

_log = logging.getLogger(__name__)


class Executor:
    """Gives each run a process, watches it, and writes down how it ended."""

    def __init__(self, options: Options) -> None:
        """Run nothing yet; see execute."""
        self._options = options
        self._folder = options.state / "glue"
        self._folder.mkdir(parents=True, exist_ok=True)

    def execute(self, run: JobRun) -> None:
        """Run to the end; every outcome, also an error of this program, ends in a state of the record."""
        work = self._folder / run.id
        try:
            if run.stop_requested.is_set():
                run.enter("STOPPED")
                return
            run.enter("RUNNING")
            self._run_process(run, work)
        except FetchError as error:
            run.enter("FAILED", str(error))
        except Exception as error:
            _log.exception("Glue run %s", run.id)
            run.enter("FAILED", f"The local Glue could not run the job: {error!r}")
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _run_process(self, run: JobRun, work: Path) -> None:
        job = self._job(run, work)
        log = self._folder / f"{run.id}.log"
        process_group = log.with_suffix(".pid")
        run.process = process = JobProcess(self._options, job, log)
        try:
            process_group.write_text(f"{process.pid}\n")
            deadline = time.monotonic() + run.record["Timeout"] * self._options.glue_minute_seconds
            status = self._wait(run, process, deadline)
        finally:
            process.kill()
            process_group.unlink(missing_ok=True)
            run_logs.publish(run, log)
        if run.stop_requested.is_set():
            run.enter("STOPPED")
        elif status is None:
            run.enter("TIMEOUT", f"Job run exceeded its timeout of {run.record['Timeout']} minutes")
        elif status == 0:
            run.enter("SUCCEEDED")
        else:
            run.enter("FAILED", failure.message(status, process.error_file))

    def _job(self, run: JobRun, work: Path) -> Job:
        given = run.record["Arguments"]
        return Job(
            script=fetch(run.job["Command"]["ScriptLocation"], work),
            arguments=arguments.script_arguments(run.record["JobName"], run.id, given),
            py_files=[fetch(uri, work / "py-files") for uri in arguments.py_file_uris(given)],
            spark_conf=arguments.spark_conf(given),
        )

    def _wait(self, run: JobRun, process: JobProcess, deadline: float) -> int | None:
        while (left := deadline - time.monotonic()) > 0 and not run.stop_requested.is_set():
            status = process.wait(min(left, 0.5))
            if status is not None:
                return status
        return None
