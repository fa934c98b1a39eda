"""A Glue job on Spark, and what a process that was started ahead must not change."""

import io
import json
import zipfile
from typing import Any

from emulator_process import eventually

SCRIPT = """
import json, sys
import boto3
from pyspark.sql import SparkSession
from reviews.names import label

spark = (
    SparkSession.builder.appName("spark-test")
    .config("spark.sql.shuffle.partitions", "3")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.hadoop.test.only-at-start", "kept")
    .getOrCreate()
)
uri = sys.argv[sys.argv.index("--out") + 1]
frame = spark.range(10)
for _ in range(2):
    frame.write.mode("overwrite").parquet(uri)
labels = spark.sparkContext.parallelize(range(2), 1).map(lambda number: label(number)).collect()
seen = {
    "rows": spark.read.parquet(uri.replace("s3://", "s3a://")).count(),
    "labels": labels,
    "partitions": spark.conf.get("spark.sql.shuffle.partitions"),
    "at start": spark.sparkContext._jsc.hadoopConfiguration().get("test.only-at-start"),
    "conf argument": spark.conf.get("spark.sql.ansi.enabled"),
    "main": __name__,
}
boto3.client("s3").put_object(Bucket="spark-test", Key="seen.json", Body=json.dumps(seen))
"""


def _package() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("reviews/__init__.py", "")
        file.writestr("reviews/labels.json", json.dumps(["zero", "one"]))
        file.writestr(
            "reviews/names.py",
            "import importlib.resources, json\n"
            "LABELS = json.loads((importlib.resources.files('reviews') / 'labels.json').read_text())\n"
            "def label(number):\n    return LABELS[number]\n",
        )
    return archive.getvalue()


def test_script_runs_on_spark_as_on_glue(aws: Any, create_job: Any) -> None:
    aws("s3").create_bucket(Bucket="spark-test")
    aws("s3").put_object(Bucket="spark-test", Key="reviews.zip", Body=_package())
    arguments = {"--extra-py-files": "s3://spark-test/reviews.zip", "--conf": "spark.sql.ansi.enabled=false"}
    job = create_job(SCRIPT, "glueetl", GlueVersion="5.0", DefaultArguments=arguments)
    run_id = aws("glue").start_job_run(JobName=job, Arguments={"--out": "s3://spark-test/out/"})["JobRunId"]

    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = aws("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return run if "CompletedOn" in run else None

    run = eventually(ended, 120)
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    seen = json.loads(aws("s3").get_object(Bucket="spark-test", Key="seen.json")["Body"].read())
    assert seen == {
        "rows": 10,
        "labels": ["zero", "one"],
        "partitions": "3",
        "at start": "kept",
        "conf argument": "false",
        "main": "__main__",
    }
    keys = [item["Key"] for item in aws("s3").list_objects_v2(Bucket="spark-test", Prefix="out/")["Contents"]]
    written = [key for key in keys if key.startswith("out/part-")]
    assert written, keys
    assert not [key for key in keys if "_temporary" in key]
