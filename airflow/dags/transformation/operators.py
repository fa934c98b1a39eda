"""One operator for each command of dbt that the DAG runs."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.sdk import BaseOperator, Context

from transformation import artifacts, views
from transformation.alerts import alert_stale_sources
from transformation.login import login_environment
from transformation.metrics import count_arrivals, count_late_batches
from transformation.process import DbtProcess
from transformation.results import (
    Node,
    arrivals_of,
    broken_rules_of,
    failed,
    failed_tests,
    late_batches,
    nodes_of,
)
from transformation.selection import build_arguments
from transformation.settings import dbt_executable, dbt_project

_log = logging.getLogger(__name__)

# The project as dbt has parsed it. Every task leaves it for those after it, in later runs too: on whatever
# worker they run, they need not parse it again. dbt itself checks which parts are still valid.
_PARSED_PROJECT = "partial_parse.msgpack"


class DbtOperator(BaseOperator):
    """Runs a command of dbt in its own folder, keeps its artifacts whatever the result, and judges it.

    Not a BashOperator: its environment is a template field, which Airflow keeps in its database, and dbt's
    holds a key. It also has no shell, so a parameter cannot inject a command.
    """

    #: Files of dbt's target folder to keep.
    kept: ClassVar[Sequence[str]]

    #: Whether a run that published reviews have started needs it, too. Such runs come many times a day.
    on_events: ClassVar[bool] = True

    _process: DbtProcess | None = None

    @abstractmethod
    def arguments(self, context: Context) -> list[str]:
        """The command line after `dbt`."""

    @abstractmethod
    def judge(self, exit_code: int, target: Path, context: Context) -> None:
        """Raises if the command did not end as it should.

        target: the folder with dbt's artifacts.
        """

    def execute(self, context: Context) -> None:
        """Runs dbt. Raises AirflowFailException if another try would end the same way, AirflowSkipException
        where a run that an event has started does not need it."""
        if not self.on_events and _on_event(context):
            raise AirflowSkipException("Runs on schedule and by hand only, not each time reviews arrive.")
        run_id = context["ti"].run_id
        with TemporaryDirectory(prefix=f"{self.task_id}-") as name:
            folder = Path(name)
            try:
                exit_code = self._run(folder, context)
            finally:
                self._keep(folder, run_id)
            self.judge(exit_code, folder / "target", context)

    def on_kill(self) -> None:
        """Stops dbt, and its queries."""
        if self._process:
            self._process.interrupt()

    def command(self, context: Context, target: Path) -> list[str]:
        """The command line after `dbt`, given what is there: `target`, with what was kept of the run."""
        return self.arguments(context)

    def _run(self, folder: Path, context: Context) -> int:
        target = folder / "target"
        target.mkdir()
        artifacts.fetch(artifacts.BETWEEN_RUNS, _PARSED_PROJECT, target / _PARSED_PROJECT)
        project = str(dbt_project())
        command = [
            _executable(),
            *self.command(context, target),
            *("--project-dir", project, "--profiles-dir", project),
            # The project is delivered with the DAGs and stays as it is: what dbt writes goes here.
            *("--target-path", str(target), "--log-path", str(folder / "logs")),
            "--no-use-colors",
        ]
        _log.info("Running %s", " ".join(command))
        login = login_environment()
        self._process = DbtProcess(command, login, login["SNOWFLAKE_PRIVATE_KEY"], folder)
        return self._process.wait()

    def _keep(self, folder: Path, run_id: str) -> None:
        files = [(folder / "target" / name, name) for name in self.kept]
        artifacts.keep(run_id, [*files, (folder / "logs" / "dbt.log", f"{self.task_id}.log")])
        artifacts.keep(artifacts.BETWEEN_RUNS, [(folder / "target" / _PARSED_PROJECT, _PARSED_PROJECT)])


class SourceFreshness(DbtOperator):
    """Measures how old the sources are. A stale source warns and never stops the build.

    Old rows are still worth building: staleness is a problem of the producer. One source without new rows
    must not block the others. An event is itself the proof that something has just arrived.
    """

    kept = ("sources.json",)
    on_events = False

    def arguments(self, context: Context) -> list[str]:
        """dbt source freshness"""
        return ["source", "freshness"]

    def judge(self, exit_code: int, target: Path, context: Context) -> None:
        """Fails if the age could not be measured."""
        nodes = _results(target / "sources.json")
        unmeasured = [node for node in nodes if node.status == "runtime error"]
        if unmeasured or not nodes:
            raise AirflowException(f"dbt could not measure the sources' freshness (exit code {exit_code}).")
        stale = [node for node in nodes if node.status in ("warn", "error")]
        if stale:
            _log.warning("Stale sources: %s. The build goes on.", ", ".join(node.name for node in stale))
        alert_stale_sources(context, [node for node in stale if node.status == "error"])


class DbtBuild(DbtOperator):
    """Builds and tests the models.

    A test that fails ends the run at once: the same rows would fail it again, and each try costs a build.
    Other failures (the connection, a warehouse that is suspended or overloaded) are tried again.
    """

    kept = ("manifest.json", "run_results.json")

    #: Digest of the project, where this try builds all that is selected.
    _project: str | None = None

    def arguments(self, context: Context) -> list[str]:
        """dbt build, without the unit tests: the code was tested before it was delivered."""
        self._project = views.project_digest()
        on_event = _on_event(context)
        without_views = on_event and views.are_made_of(self._project)
        if not without_views:
            views.forget()
        selection = build_arguments(context["params"], on_event=on_event, without_views=without_views)
        return ["build", "--exclude-resource-type", "unit_test", *selection]

    def command(self, context: Context, target: Path) -> list[str]:
        """dbt retry where a try before broke off: what it has built and tested is not paid for twice.

        Not after a failed test: its rows come from models that then have to be built again, too.
        """
        if context["ti"].try_number > 1:
            file = target / "run_results.json"
            artifacts.fetch(context["ti"].run_id, file.name, file)
            nodes = _results(file)
            if failed(nodes) and not failed_tests(nodes):
                return ["retry"]
        return super().command(context, target)

    def judge(self, exit_code: int, target: Path, context: Context) -> None:
        """Counts LATE batches and the seconds of new files; fails with the names of the failed nodes."""
        nodes = _results(target / "run_results.json")
        if (late := late_batches(nodes)) is not None:
            count_late_batches(late)
        if self._process and (arrivals := arrivals_of(self._process.lines)):
            count_arrivals(arrivals)
        if exit_code == 0:
            if self._project and not context["params"]["select"]:
                views.remember(self._project)
            return
        # A view may be what was missing: the next run builds everything.
        views.forget()
        names = ", ".join(node.unique_id for node in failed(nodes)) or "nothing was built"
        if tests := failed_tests(nodes):
            rules = broken_rules_of(self._process.lines) if self._process else []
            found = "; ".join([names, *rules])
            raise AirflowFailException(f"{len(tests)} of dbt's tests failed, a retry would not help: {found}")
        raise AirflowException(f"dbt build failed (exit code {exit_code}): {names}")


class DbtDocs(DbtOperator):
    """Writes the documentation site: `index.html` reads the other two, beside it.

    New reviews change none of it but the sizes of tables, which may be a day old.
    """

    kept = ("index.html", "catalog.json", "manifest.json")
    on_events = False

    def arguments(self, context: Context) -> list[str]:
        """dbt docs generate: nothing needs to be compiled for it"""
        return ["docs", "generate", "--no-compile"]

    def judge(self, exit_code: int, target: Path, context: Context) -> None:
        """Fails if dbt failed."""
        if exit_code != 0:
            raise AirflowException(f"dbt docs generate failed (exit code {exit_code}).")


def _on_event(context: Context) -> bool:
    """Whether published reviews have started the run."""
    # Compared by ==, because str() of this enumeration gives its name, not its value.
    return bool(context["dag_run"].run_type == "asset_triggered")


def _executable() -> str:
    dbt = dbt_executable()
    if not Path(dbt).is_file():
        raise AirflowFailException(
            f"dbt is not installed at {dbt} (DBT_BIN). On MWAA the worker's startup log says why."
        )
    return dbt


def _results(file: Path) -> list[Node]:
    return nodes_of(file.read_text()) if file.is_file() else []
