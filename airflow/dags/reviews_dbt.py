"""
### Reviews: from the published files to the presentation tables

Runs dbt on the warehouse: **source freshness → build → docs → verdict**. A run that an event has started
skips freshness, docs and the tests of the marts: these test what is built already, so they hold nothing back.
It makes no views either, as long as the project is the one of which they are made.

| it runs | when |
|---|---|
| on an event | published reviews update the asset `reviews_published`: the pipeline posts it |
| on schedule | every day off-peak (`reviews.dbt_schedule`, cron, UTC), events or not |
| by hand | *Trigger*, with `full_refresh` and `select` for that one run |

At most one run is active. Events that arrive meanwhile start one further run, however many they are; dbt
itself finds what is new.

- **Freshness** warns and never stops the build.
- **A failed test** of dbt fails the run without a retry, before presentation is touched; anything else is
  tried three times, and each further try goes on where the one before broke off (`dbt retry`).
- **Docs** are written whenever the build ran at all, on schedule and by hand.
- **The verdict** is the leaf that gives the run its state: a build that failed fails the run, though the docs
  after it succeed.

Artifacts are kept in S3 in every case (`reviews.artifacts_uri`/*run id*/): `run_results.json`,
`manifest.json`, `sources.json`, the documentation site, and dbt's own log of each task. A failure is told
by the alert topic, with the failing node's name. Nothing needs clearing after it: the next run builds
everything that is missing.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable
from transformation.alerts import alert_failed_task, alert_timed_out_run
from transformation.operators import DbtBuild, DbtDocs, SourceFreshness
from transformation.selection import PARAMS
from transformation.settings import contract, option

_NAMES = contract()

with DAG(
    _NAMES["dagId"],
    description="Builds and tests the warehouse's models from the published reviews",
    doc_md=__doc__,
    # No start date: with one, Airflow's first start makes a run for the time that has passed, catchup or not.
    schedule=AssetOrTimeSchedule(
        # Zero: Airflow's default starts a run at once when the last time on schedule is less than a tenth of
        # the interval ago, though its documentation says that it waits for the next one.
        timetable=CronTriggerTimetable(option("dbt_schedule"), timezone="UTC", run_immediately=timedelta(0)),
        assets=[Asset(_NAMES["publishedAsset"])],
    ),
    catchup=False,
    max_active_runs=1,
    # A paused DAG would miss asset events, and nobody has to switch on what was deployed.
    is_paused_upon_creation=False,
    # Longer than all tries of all tasks: it ends a run that waits for a worker and holds up every later one.
    dagrun_timeout=timedelta(hours=6),
    on_failure_callback=alert_timed_out_run,
    params=PARAMS,
    tags=["reviews", "dbt", "snowflake"],
    default_args={
        "owner": "data-platform",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=15),
        "on_failure_callback": alert_failed_task,
    },
) as dag:
    freshness = SourceFreshness(task_id="source_freshness")
    build = DbtBuild(
        task_id="dbt_build",
        execution_timeout=timedelta(hours=1),
        # Freshness may have been skipped.
        trigger_rule="none_failed",
    )
    docs = DbtDocs(
        task_id="dbt_docs",
        # After every build, successful or not, but not where no build was tried.
        trigger_rule="one_done",
    )
    verdict = EmptyOperator(task_id="verdict", trigger_rule="none_failed")

    freshness >> build >> docs
    [freshness, build, docs] >> verdict
