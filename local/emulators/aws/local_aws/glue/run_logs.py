"""A finished run's log in CloudWatch Logs."""

from pathlib import Path

from local_aws import cloudwatch
from local_aws.glue.job_run import JobRun

# Where Glue writes when the job names no group; see "Logging for AWS Glue jobs" in its developer guide.
_DEFAULT_GROUP = "/aws-glue/jobs/output"


def publish(run: JobRun, log: Path) -> None:
    """Copy what the process printed to the job's log group, stream = run id."""
    group = run.record["Arguments"].get("--continuous-log-logGroup") or _DEFAULT_GROUP
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if lines:
        cloudwatch.write(group, run.id, lines)
