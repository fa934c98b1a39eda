"""Arguments of a Glue job run: what Glue itself reads, and what the script gets."""

from typing import Any


def merged(job: dict[str, Any], run_arguments: dict[str, str]) -> dict[str, str]:
    """The job's default arguments, replaced by the run's, replaced by what no run may override."""
    fixed = job.get("NonOverridableArguments") or {}
    return {**(job.get("DefaultArguments") or {}), **run_arguments, **fixed}


def script_arguments(job_name: str, run_id: str, arguments: dict[str, str]) -> list[str]:
    """The script's ``sys.argv[1:]``: Glue adds the names of job and run, and passes on its own arguments."""
    named = {"--JOB_NAME": job_name, "--JOB_RUN_ID": run_id, **arguments}
    return [text for name, value in named.items() for text in ((name, value) if value else (name,))]


def py_file_uris(arguments: dict[str, str]) -> list[str]:
    """The S3 URIs of ``--extra-py-files``."""
    return [uri for part in arguments.get("--extra-py-files", "").split(",") if (uri := part.strip())]


def spark_conf(arguments: dict[str, str]) -> dict[str, str]:
    """The Spark settings of ``--conf``; Glue takes several as ``a=1 --conf b=2`` in the one value."""
    settings = (part.strip() for part in arguments.get("--conf", "").split("--conf"))
    return dict(setting.split("=", 1) for setting in settings if "=" in setting)
