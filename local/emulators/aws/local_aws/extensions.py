"""The extensions of MiniStack, in the order in which they are installed."""

from collections.abc import Callable

from local_aws import (
    bucket_deployments,
    cloudformation_types,
    durable_state,
    lambda_concurrency,
    lambda_errors,
    mwaa_environments,
    mwaa_rest_api,
    python_functions,
    rule_dead_letters,
    s3_events,
    s3_ranges,
    sqs_batches,
    taken_names,
)
from local_aws.dms import service as dms
from local_aws.glue.runs import GlueRuns
from local_aws.lambda_workers import LambdaWorkers
from local_aws.options import Options
from local_aws.step_functions import current, glue_tasks, history, lifecycle, limits, logs, query_time


def install(options: Options) -> list[Callable[[], None]]:
    """Replace the parts of MiniStack that the pipeline needs otherwise.

    Returns what ends the processes that the server starts, in this order: functions start jobs.
    """
    glue = GlueRuns(options)
    glue.install()
    # Each of these wraps the one before: what is logged has been completed, what is completed may be written.
    current.install()
    lifecycle.install()
    history.install(options.region)
    logs.install()
    # Last, so that what it refuses is written nowhere.
    limits.install()
    query_time.install()
    glue_tasks.install(glue)
    cloudformation_types.install()
    end_replications = dms.install(options)
    taken_names.install()
    bucket_deployments.install(options)
    mwaa_environments.install(options)
    mwaa_rest_api.install(options)
    lambda_concurrency.install()
    lambda_errors.install()
    python_functions.install(options)
    workers = LambdaWorkers()
    workers.install()
    s3_events.install()
    s3_ranges.install()
    rule_dead_letters.install()
    sqs_batches.install()
    if options.durable:
        durable_state.install()
    return [workers.stop, glue.stop, end_replications]
