"""``AWS::MWAA::Environment`` in templates (extension "mwaa-environments").

The environment is recorded: GetEnvironment answers what the template says, and no Airflow is started by it.
MWAA refuses an environment whose files are missing. This refuses it too, or a stack that fails in AWS would
deploy here.
"""

import time
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from local_aws import endpoint
from local_aws.options import Options
from local_aws.pinned import private, replace

_EXTENSION = "mwaa-environments"
_TYPE = "AWS::MWAA::Environment"
_provisioners = private(
    _EXTENSION, "ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", "_physical_name"
)
_stacks = private(_EXTENSION, "ministack.services.cloudformation.stacks", "_runs_on_worker_thread")
_mwaa = private(_EXTENSION, "ministack.services.mwaa", "_environments")
_responses = private(_EXTENSION, "ministack.core.responses", "get_account_id", "get_region")

# Keys in the source bucket; "AWS::MWAA::Environment", CloudFormation template reference.
_FILES = ("StartupScriptS3Path", "RequirementsS3Path", "PluginsS3Path")


def install(options: Options) -> None:
    """Add the type; provisioning reads the bucket through the API, so it must not run on the event loop."""

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        name = str(properties.get("Name") or _provisioners._physical_name(stack, logical_id))
        return _record(options, name, properties)

    def update(physical_id: str, _old: Any, new: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
        return _record(options, physical_id, new)

    def delete(physical_id: str, _properties: Any) -> None:
        _mwaa._environments.pop(physical_id, None)

    _provisioners._RESOURCE_HANDLERS[_TYPE] = {"create": create, "update": update, "delete": delete}
    replace(
        _stacks,
        "_runs_on_worker_thread",
        lambda original: lambda resource_type: resource_type == _TYPE or original(resource_type),
    )


def _record(options: Options, name: str, properties: dict[str, Any]) -> tuple[str, dict[str, str]]:
    _check_source(options, properties)
    account, region = _responses.get_account_id(), _responses.get_region()
    known = _mwaa._environments.get(name) or {"CreatedAt": time.time()}
    host = (
        urlsplit(options.airflow_endpoint).netloc
        if options.airflow_endpoint
        else f"{name}.{region}.airflow.amazonaws.com"
    )
    environment = {
        **properties,
        "Name": name,
        "Arn": f"arn:aws:airflow:{region}:{account}:environment/{name}",
        "Status": "AVAILABLE",
        "CreatedAt": known["CreatedAt"],
        "LastUpdate": {"Status": "SUCCESS", "CreatedAt": time.time()},
        "WebserverUrl": host,
    }
    _mwaa._environments[name] = environment
    return name, {"Arn": environment["Arn"], "WebserverUrl": host, **_log_groups(properties, region, account)}


def _check_source(options: Options, properties: dict[str, Any]) -> None:
    """Raise ValueError where MWAA could not create the environment.

    The bucket has to be versioned, and the files have to be there.
    """
    bucket = str(properties["SourceBucketArn"]).removeprefix("arn:aws:s3:::")
    s3 = endpoint.client(options, "s3")
    try:
        if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
            raise ValueError(f"The source bucket {bucket} is not versioned; MWAA needs a versioned one")
        for path in filter(None, map(properties.get, _FILES)):
            s3.head_object(Bucket=bucket, Key=path)
    except ClientError as error:
        named = ", ".join(str(properties[name]) for name in _FILES if properties.get(name))
        raise ValueError(f"The source bucket {bucket} does not have all of {named}: {error}") from error


def _log_groups(properties: dict[str, Any], region: str, account: str) -> dict[str, str]:
    """Fn::GetAtt of the log groups, which MWAA names after the environment."""
    names = {
        "DagProcessingLogs": "DAGProcessing",
        "SchedulerLogs": "Scheduler",
        "TaskLogs": "Task",
        "WebserverLogs": "WebServer",
        "WorkerLogs": "Worker",
    }
    return {
        f"LoggingConfiguration.{kind}.CloudWatchLogGroupArn": (
            f"arn:aws:logs:{region}:{account}:log-group:airflow-{properties.get('Name')}-{suffix}"
        )
        for kind, suffix in names.items()
    }
