"""The replication as a process: killed at any time it loses nothing, and it leaves no slot behind."""
# ruff: noqa: S603, S608 (the tests start their own program, and write their own statements)

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import PASSWORD, Shop
from emulator_process import REGION, Server, environment, eventually

AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Endpoint of a local AWS."""
    started = Server.start("aws", tmp_path_factory.mktemp("aws"))
    yield started.endpoint
    started.stop()


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )


def keys_of(s3: Any, bucket: str) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def rows_of(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """Rows of all files."""
    found: list[dict[str, Any]] = []
    for key in keys_of(s3, bucket):
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        found += pq.read_table(pa.BufferReader(body)).to_pylist()
    return found


class Replication:
    """Starts the process, again and again."""

    def __init__(self, shop: Shop, state: Path) -> None:
        self._state = state
        self._settings = state / "settings.json"
        document = asdict(shop.settings)
        del document["source"]["connection"]["password"]
        self._settings.write_text(json.dumps(document))

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "local_dms", "--settings", str(self._settings)]
        return subprocess.Popen(
            [*command, "--state", str(self._state), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment("dms"), **AWS, "DMS_PASSWORD": PASSWORD},
        )


def at(shop: Shop, endpoint: str, bucket: str, **more: Any) -> Shop:
    """The shop with this target."""
    client("s3", endpoint).create_bucket(Bucket=bucket)
    target = replace(shop.settings.target, endpoint=endpoint, bucket=bucket, max_batch_seconds=0.2)
    return replace(shop, settings=replace(shop.settings, target=target, **more))


def test_killed_under_load_it_misses_nothing_and_ends_in_the_state_of_the_table(
    make_shop: Callable[..., Shop], aws: str, tmp_path: Path
) -> None:
    shop = at(make_shop(), aws, "killed")
    s3 = client("s3", aws)
    shop.run(
        "insert into reviews (review_id, product_id, stars) select n, 'L', 3 from generate_series(1, 2000) n"
    )
    done = threading.Event()

    def write() -> None:
        number = 2000
        while not done.is_set():
            number += 1
            shop.run(
                f"insert into reviews (review_id, product_id, stars) values ({number}, 'L', 1)",
                f"update reviews set stars = {number % 5} where review_id = {number - 1000}",
                f"delete from reviews where review_id = {number - 1500}",
            )

    writer = threading.Thread(target=write)
    writer.start()
    replication = Replication(shop, tmp_path)
    slot_is = f"select confirmed_flush_lsn from pg_replication_slots where slot_name = '{shop.settings.name}'"

    def changes_stored() -> int:
        return len([key for key in keys_of(s3, "killed") if "LOAD" not in key])

    # In the full load, between the load and the first changes, and after some files of them.
    killed_when: list[Callable[[subprocess.Popen[bytes]], Any]] = [
        lambda _: eventually(lambda: shop.ask(slot_is), seconds=30),
        lambda process: process.stdout and process.stdout.readline(),
        lambda _: eventually(lambda: changes_stored() > 1, seconds=30),
    ]
    for moment in killed_when:
        process = replication.start()
        moment(process)
        process.kill()
        process.wait()
    done.set()
    writer.join()
    process = replication.start()
    expected = shop.ask("select review_id, stars from reviews order by 1")
    eventually(lambda: shop.lag().unconfirmed < 200, seconds=30)
    process.terminate()
    assert process.wait(15) == 0
    rows = rows_of(s3, "killed")
    # What the tables do: a change counts more than a copy, a later place in the log more than an earlier one.
    table: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row["dms_change"]):
        if row["Op"] == "D":
            table.pop(row["review_id"], None)
        else:
            table[row["review_id"]] = row["stars"]
    assert sorted(table.items()) == expected
    changes = [row["dms_change"] for row in rows if row["dms_change"]]
    assert len(set(changes)) > 100


def test_the_lag_of_the_slot_is_a_metric_and_the_end_leaves_no_slot(
    shop: Shop, aws: str, tmp_path: Path
) -> None:
    shop.run(f"create schema heartbeat authorization {shop.settings.name}")
    source = replace(shop.settings.source, heartbeat_schema="heartbeat", heartbeat_seconds=1)
    shop = at(shop, aws, "metrics", source=source, rds_instance="shop")
    replication = Replication(shop, tmp_path)
    process = replication.start()
    cloudwatch = client("cloudwatch", aws)
    eventually(lambda: cloudwatch.list_metrics(Namespace="AWS/RDS")["Metrics"], seconds=20)
    assert shop.ask("select count(*) from heartbeat.awsdms_heartbeat") == [(1,)]
    process.terminate()
    assert process.wait(15) == 0
    assert process.stdout is not None
    steps = [json.loads(line) for line in process.stdout.read().splitlines()]
    assert [step["step"] for step in steps] == ["full load", "changes", "stopped"]
    assert steps[0]["rows"] == 0
    assert replication.start("--drop").wait(15) == 0
    assert shop.ask("select slot_name from pg_replication_slots where slot_name like '%metrics%'") == []
    assert shop.ask(f"select 1 from pg_replication_slots where slot_name = '{shop.settings.name}'") == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("alter table reviews replica identity default", "ALTER TABLE public.reviews REPLICA IDENTITY FULL"),
        ("drop publication {}", "CREATE PUBLICATION {} FOR TABLE public.reviews"),
        ("drop table reviews", "there is no table public.reviews; correct the setting, or create it"),
    ],
)
def test_what_a_dba_must_set_is_one_sentence(
    shop: Shop, aws: str, tmp_path: Path, statement: str, sentence: str
) -> None:
    name = shop.settings.name
    shop.run(statement.format(name))
    _, said = Replication(shop, tmp_path).start().communicate(timeout=30)
    assert said.decode().splitlines()[-1].endswith(f"{sentence.format(name)}.")
    assert shop.ask(f"select 1 from pg_replication_slots where slot_name = '{name}'") == []
