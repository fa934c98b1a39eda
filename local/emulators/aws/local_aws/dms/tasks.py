"""Replication tasks as DMS keeps them: their states, and the processes that run them."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from local_aws import endpoint
from local_aws.dms.reader import Reader, Told, drop_slot
from local_aws.dms.reader_settings import reader_settings
from local_aws.options import Options

# "ReplicationTask", AWS DMS API Reference.
_BUSY = ("running", "stopping")


class FaultError(Exception):
    """An error of the API, by its name."""

    def __init__(self, name: str, message: str) -> None:
        """Take the error's name in the API Reference."""
        super().__init__(message)
        self.name = name


@dataclass
class Task:
    """properties: as in the template. The state is that of the API."""

    arn: str
    properties: dict[str, Any]
    status: str = "ready"
    failure: str | None = None
    reader: Reader | None = None

    def fail(self, last_words: str) -> None:
        """Note why its process has ended by itself."""
        self.status, self.failure = "failed", last_words

    def described(self) -> dict[str, Any]:
        """What DescribeReplicationTasks says of it, without settings."""
        names = ("SourceEndpointArn", "TargetEndpointArn", "ReplicationInstanceArn", "MigrationType")
        return {
            "ReplicationTaskArn": self.arn,
            "ReplicationTaskIdentifier": self.properties["ReplicationTaskIdentifier"],
            "Status": self.status,
            **({"LastFailureMessage": self.failure} if self.failure else {}),
            **{name: self.properties.get(name) for name in names},
        }


@dataclass
class Tasks:
    """Every task, endpoint and certificate of an account."""

    options: Options
    tasks: dict[str, Task] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    """By their ARNs, as PEM."""
    _tested: set[tuple[str, str]] = field(default_factory=set)
    """Instances and endpoints between which a connection was tested."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def task(self, arn: str) -> Task:
        """The task with an ARN. Raises FaultError."""
        if arn not in self.tasks:
            raise FaultError("ResourceNotFoundFault", f"Replication task {arn} not found")
        return self.tasks[arn]

    def endpoint(self, arn: str) -> dict[str, Any]:
        """Properties of the endpoint with an ARN. Raises FaultError."""
        if arn not in self.endpoints:
            raise FaultError("ResourceNotFoundFault", f"Endpoint {arn} not found")
        return self.endpoints[arn]

    def test(self, instance: str, endpoint_arn: str) -> None:
        """Test a connection as far as that is seen from here: bucket, secret and certificate are there."""
        properties = self.endpoint(endpoint_arn)
        try:
            if properties["EndpointType"] == "target":
                bucket = properties["S3Settings"]["BucketName"]
                endpoint.client(self.options, "s3").head_bucket(Bucket=bucket)
            else:
                self._login(properties)
        except (ClientError, KeyError, ValueError) as error:
            raise FaultError("InvalidResourceStateFault", f"The connection test failed: {error}") from error
        self._tested.add((instance, endpoint_arn))

    def start(self, arn: str, kind: str) -> Task:
        """Start a task, as "StartReplicationTask", AWS DMS API Reference, says. Raises FaultError."""
        with self._lock:
            task = self.task(arn)
            if task.status in _BUSY:
                raise FaultError("InvalidResourceStateFault", f"Replication task {arn} is {task.status}")
            if kind == "start-replication" and task.status != "ready":
                raise FaultError(
                    "InvalidParameterCombinationException",
                    "start-replication is valid only for tasks that run for the first time",
                )
            if kind != "start-replication" and task.status == "ready":
                raise FaultError("InvalidResourceStateFault", f"{kind}: the task has never run")
            for end in (task.properties["SourceEndpointArn"], task.properties["TargetEndpointArn"]):
                if (task.properties["ReplicationInstanceArn"], end) not in self._tested:
                    raise FaultError(
                        "InvalidResourceStateFault",
                        f"The connection to {end} must have been tested successfully",
                    )
            told = self._told(task)
            if kind == "reload-target":
                drop_slot(self.options, told)
                (told.state / "full-load-done").unlink(missing_ok=True)
            task.status, task.failure = "running", None
            task.reader = Reader(self.options, told, task.fail)
            return task

    def stop(self, arn: str) -> Task:
        """Stop a task; it goes on where it was when it is resumed. Raises FaultError."""
        task = self.task(arn)
        if task.status != "running" or task.reader is None:
            raise FaultError("InvalidResourceStateFault", f"Replication task {arn} is {task.status}")
        task.status = "stopping"
        task.reader.stop()
        task.status = "stopped"
        return task

    def delete(self, arn: str) -> None:
        """End a task, and drop its slot: the database would keep its log for it."""
        task = self.tasks.pop(arn, None)
        if task is None or task.reader is None:
            return
        task.reader.stop()
        drop_slot(self.options, self._told(task))

    def end(self) -> None:
        """End every process."""
        for task in self.tasks.values():
            if task.reader is not None:
                task.reader.stop()

    def _told(self, task: Task) -> Told:
        source = self.endpoint(task.properties["SourceEndpointArn"])
        login = self._login(source)
        target = self.endpoint(task.properties["TargetEndpointArn"])
        settings = reader_settings(task.properties, source, target, login)
        state = self.options.state / "dms" / settings["name"]
        if certificate := self.certificates.get(source.get("CertificateArn", "")):
            settings["source"]["connection"]["sslrootcert"] = str(_written(state, certificate))
        return Told(state, settings, login["password"])

    def _login(self, source: dict[str, Any]) -> dict[str, Any]:
        secrets = endpoint.client(self.options, "secretsmanager")
        name = source["PostgreSqlSettings"]["SecretsManagerSecretId"]
        login: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
        return login


def _written(state: Path, certificate: str) -> Path:
    state.mkdir(parents=True, exist_ok=True)
    file = state / "authority.pem"
    file.write_text(certificate)
    return file
