"""The extensions of MiniStack, in the order in which they are installed."""

from dataclasses import dataclass

from local_aws import (
    bucket_deployments,
    cloudformation_types,
    lambda_errors,
    mwaa_environments,
    mwaa_rest_api,
    rule_dead_letters,
    s3_events,
    s3_ranges,
    sqs_batches,
)
from local_aws.glue.runs import GlueRuns
from local_aws.options import Options
from local_aws.step_functions import current, glue_tasks, history, lifecycle, logs


@dataclass(frozen=True)
class Installed:
    """The installed extensions, so far as they have processes to start and to end."""

    glue: GlueRuns

    def start(self) -> None:
        """Start what needs the server to listen."""
        self.glue.start()

    def stop(self) -> None:
        """End every process that an extension started."""
        self.glue.stop()


def install(options: Options) -> Installed:
    """Replace the parts of MiniStack that the pipeline needs otherwise."""
    glue = GlueRuns(options)
    glue.install()
    # Each of these wraps the one before: what is logged has been completed, what is completed may be written.
    current.install()
    lifecycle.install()
    history.install(options.region)
    logs.install()
    glue_tasks.install(glue)
    cloudformation_types.install()
    bucket_deployments.install(options)
    mwaa_environments.install(options)
    mwaa_rest_api.install(options)
    lambda_errors.install()
    s3_events.install()
    s3_ranges.install()
    rule_dead_letters.install()
    sqs_batches.install()
    return Installed(glue)
