"""The environment of a Glue job's process: AWS's endpoint, and how Spark starts if the script asks for it."""

import os
import shlex
from pathlib import Path

from local_aws.options import Options

_LOG4J = Path(__file__).parent / "log4j2.properties"


def variables(options: Options, py_files: list[Path], spark_conf: dict[str, str]) -> dict[str, str]:
    """Environment variables of a job's process; its zips are on the path of Spark's Python workers too."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"SPARK_HOME", "SPARK_CONF_DIR", "PYTHONHOME"}
    }
    variables = inherited | {
        "PYTHONPATH": os.pathsep.join(map(str, py_files)),
        "PYTHONUNBUFFERED": "1",
        "PYSPARK_PYTHON": options.glue_python,
        "PYSPARK_DRIVER_PYTHON": options.glue_python,
        "PYSPARK_SUBMIT_ARGS": shlex.join([*_submit_arguments(options, spark_conf), "pyspark-shell"]),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(options.state / "tmp"),
    }
    jars = [f"{folder}/*" for folder in (options.spark_jars, options.kafka_jars) if folder is not None]
    if jars:
        # Behind Spark's own jars, which hold other versions of some; --jars would copy each for every run.
        variables["SPARK_DIST_CLASSPATH"] = os.pathsep.join(jars)
    return variables


def _submit_arguments(options: Options, spark_conf: dict[str, str]) -> list[str]:
    arguments = ["--master", "local[2]", "--driver-memory", options.spark_memory]
    for name, value in (_settings(options) | spark_conf).items():
        arguments += ["--conf", f"{name}={value}"]
    return arguments


def _settings(options: Options) -> dict[str, str]:
    temporary = options.state / "tmp"
    java_options = [
        "-XX:+UseParallelGC",
        f"-Dlog4j2.configurationFile=file:{_LOG4J}",
        f"-Djava.io.tmpdir={temporary}",
    ]
    credentials = "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.warehouse.dir": str(options.state / "glue" / "warehouse"),
        "spark.driver.extraJavaOptions": " ".join(java_options),
        # Glue's scripts say s3://; Hadoop's file system for it is S3A.
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": options.endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": options.region,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.aws.credentials.provider": credentials,
        "spark.hadoop.fs.s3a.access.key": "test",
        "spark.hadoop.fs.s3a.secret.key": "test",
        "spark.hadoop.fs.s3a.buffer.dir": str(temporary),
        # The magic committer wants spark-hadoop-cloud, which Glue replaces by its own; version 2 renames
        # once where version 1 renames twice, and every rename on S3 is a copy.
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    }
