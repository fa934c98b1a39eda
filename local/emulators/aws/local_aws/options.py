"""Command line of the local AWS."""

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What one instance of the local AWS is started with.

    state: folder for everything the instance writes.
    spark_jars: folder of the jars that Spark needs for S3 (hadoop-aws and its dependencies).
    glue_python: interpreter that Glue jobs run on; pyspark is installed beside it.
    function_python: interpreter that Lambda functions of Python run on; their layers are installed beside it.
    dms_python: interpreter that replication tasks of DMS run on.
    source_endpoint: URL of the server that stands for every API that a connector asks.
    azure_endpoint, gcs_endpoint: URLs of servers that stand for Azure Blob Storage and Google Cloud Storage.
    kafka_jars: folder of the jars by which Spark reads Kafka.
    kafka_brokers: address of the broker that every MSK cluster names.
    job_slots: runs of Glue jobs that may be at work at the same time; the others wait.
    spark_memory: heap of a Spark driver, in Spark's notation ("2g").
    glue_starts_per_second: calls of StartJobRun that are not throttled; any number where None.
    glue_minute_seconds: how long a minute of a Glue timeout lasts, in seconds; shorter in tests.
    wait_scale: factor on Step Functions' waits and retry intervals; shorter in tests.
    durable: whether the state outlives a kill, and is there when the server starts again on it.
    airflow_endpoint: URL of the Airflow that answers MWAA's InvokeRestApi; it may start later.
    airflow_passwords: that Airflow's password file ({user: password}), read when a login is needed.
    """

    port: int
    state: Path
    region: str
    spark_jars: Path | None
    glue_python: str
    function_python: str | None
    dms_python: str | None
    source_endpoint: str | None
    azure_endpoint: str | None
    gcs_endpoint: str | None
    kafka_jars: Path | None
    kafka_brokers: str | None
    job_slots: int
    spark_memory: str
    glue_starts_per_second: float | None
    glue_minute_seconds: float
    wait_scale: float
    durable: bool
    airflow_endpoint: str | None
    airflow_passwords: Path | None
    log_level: str

    @property
    def endpoint(self) -> str:
        """URL under which the instance serves every AWS API."""
        return f"http://127.0.0.1:{self.port}"


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; exits with a usage message if it is wrong."""
    parser = argparse.ArgumentParser(prog="python -m local_aws", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for everything that is written")
    parser.add_argument("--region", default="us-east-1", help="default region (default: %(default)s)")
    parser.add_argument("--spark-jars", type=Path, help="folder of the jars Spark needs for S3")
    parser.add_argument(
        "--glue-python",
        type=_program,
        default="python3",
        help="interpreter of Glue jobs (default: from PATH)",
    )
    parser.add_argument("--function-python", type=_program, help="interpreter of Lambdas of Python")
    parser.add_argument("--dms-python", type=_program, help="interpreter of replication tasks of DMS")
    parser.add_argument("--source-endpoint", help="URL that stands for every API that a connector asks")
    parser.add_argument("--azure-endpoint", help="URL that stands for Azure Blob Storage")
    parser.add_argument("--gcs-endpoint", help="URL that stands for Google Cloud Storage")
    parser.add_argument("--kafka-jars", type=Path, help="folder of the jars by which Spark reads Kafka")
    parser.add_argument("--kafka-brokers", help="address of the broker that every MSK cluster names")
    parser.add_argument(
        "--job-slots",
        type=_positive,
        default=os.cpu_count() or 1,
        help="runs of Glue jobs at work at once (default: one per core, %(default)s)",
    )
    parser.add_argument("--spark-memory", default="3g", help="heap of a Spark driver (default: %(default)s)")
    parser.add_argument(
        "--glue-starts-per-second", type=float, help="StartJobRun calls allowed; further ones are throttled"
    )
    parser.add_argument(
        "--glue-minute-seconds", type=float, default=60.0, help="length of a timeout's minute"
    )
    parser.add_argument("--wait-scale", type=float, default=1.0, help="factor on waits of Step Functions")
    parser.add_argument("--durable", action="store_true", help="keep the state, also through a kill")
    parser.add_argument("--airflow-endpoint", help="URL of the Airflow that InvokeRestApi reaches")
    parser.add_argument("--airflow-passwords", type=Path, help="password file of that Airflow")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    values = vars(parser.parse_args(arguments))
    values["state"] = values["state"].resolve()
    for name in ("spark_jars", "kafka_jars"):
        if values[name] is not None:
            values[name] = values[name].resolve()
    return Options(**values)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{name} is not a program that can be run; give the path of an interpreter"
        )
    return str(Path(found).absolute())  # not resolved: a virtual environment's interpreter is a link


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive; give 1 or more")
    return value
