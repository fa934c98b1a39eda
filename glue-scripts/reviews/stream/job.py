"""A run of a stream: until it is stopped, every few seconds what is new in the topic is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviews import contracts, storage
from reviews.errors import JobError
from reviews.job import log
from reviews.stream import broker, options
from reviews.stream.figures import Figures
from reviews.stream.options import Options
from reviews.stream.slices import LETTERS, Letter, Slices, Stored

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

# How often a run says how it is going (seconds).
_REPORT_SECONDS = 30

# Of the key, what `Slices` gave it: partition, first and last offset.
_STORED = re.compile(r"/(\d{5})/\d{20}-(\d{20})\.jsonl\.gz$")

_EARLIEST = -2  # "Structured Streaming + Kafka Integration Guide", Apache Spark documentation

# How Spark 4.1.1 fails on its own figures where the first batch of a run was a repeated one, which is stored.
_AFTER_REPEATED_BATCH = '"scala.Option.get()" is null'

_SETTINGS = {
    # A login must not stand in a plan.
    "spark.sql.redaction.options.regex": "(?i)url|jaas|certificates",
}


def main() -> None:
    from pyspark.sql import SparkSession

    chosen = options.parse()
    client = broker.client_options(chosen)
    spark = SparkSession.builder.appName(f"stream {chosen.stream}").getOrCreate()
    try:
        partitions = broker.check(spark, chosen, client)
        figures = Figures(chosen)
        for attempts_left in (1, 0):
            query = start(spark, chosen, client, partitions, figures)
            log("stream started", stream=chosen.stream, topic=chosen.topic, partitions=partitions)
            try:
                _watch(query, chosen, figures)
            except JobError as error:
                if _AFTER_REPEATED_BATCH not in str(error) or not attempts_left:
                    raise
            else:
                break
    finally:
        spark.stop()


def start(
    spark: SparkSession, chosen: Options, client: dict[str, str], partitions: int, figures: Figures
) -> StreamingQuery:
    """Begins to read; what is stored already is not read again, even if the checkpoint was lost."""
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    kafka = {f"kafka.{name}": value for name, value in client.items()}
    messages = (
        spark.readStream.format("kafka")
        .options(**kafka)
        .option("subscribe", chosen.topic)
        .option("startingOffsets", starting_offsets(chosen, partitions))
        .option("maxOffsetsPerTrigger", chosen.messages_per_batch)
        .load()
        .selectExpr("partition", "offset", "unix_millis(timestamp) at_ms", "key", "value")
    )
    slices = Slices(
        folder=chosen.folder,
        dead_letters=f"{chosen.raw}/dead-letters/{chosen.stream}",
        topic=chosen.topic,
        message_key=contracts.load(chosen.source).message_key,
    )

    def store(batch: DataFrame, epoch: int) -> None:
        try:
            messages, records = _stored(batch, slices)
        except Exception as error:
            # Spark itself looks for words in what is raised here, and fails on the long trace of a task.
            raise JobError(_explained(error, chosen)) from None
        figures.count(messages, messages - records)
        log("batch stored", epoch=epoch, messages=messages, records=records)

    def _stored(batch: DataFrame, slices: Slices) -> tuple[int, int]:
        outcome = batch.rdd.mapPartitions(slices.store).persist()
        letters = outcome.filter(lambda found: isinstance(found, Letter))
        stored = outcome.filter(lambda found: isinstance(found, Stored)).collect()
        messages, records = (
            sum(getattr(found, name) for found in stored) for name in ("messages", "records")
        )
        if records < messages:
            _send(spark.createDataFrame(letters, LETTERS), chosen, kafka)
        outcome.unpersist()
        return messages, records

    return (
        messages.writeStream.queryName(chosen.stream)
        .option("checkpointLocation", chosen.checkpoint)
        .trigger(processingTime=f"{chosen.seconds_per_batch} seconds")
        .foreachBatch(store)
        .start()
    )


def _send(letters: DataFrame, chosen: Options, kafka: dict[str, str]) -> None:
    said = {
        "reason": "reason",
        "detail": "detail",
        "topic": f"'{chosen.topic}'",
        "partition": "cast(partition as string)",
        "offset": "cast(offset as string)",
        "value-at": "coalesce(value_at, '')",
    }
    headers = ", ".join(
        f"named_struct('key', '{name}', 'value', cast({value} as binary))" for name, value in said.items()
    )
    found = letters.selectExpr("key", "value", f"array({headers}) headers")
    found.write.format("kafka").options(**kafka).option("topic", chosen.dead_letter_topic).option(
        "includeHeaders", "true"
    ).save()


def starting_offsets(chosen: Options, partitions: int) -> str:
    """Where a stream without a checkpoint begins: behind what is stored; Spark asks for all partitions."""
    offsets = dict.fromkeys(range(partitions), _EARLIEST)
    for uri in storage.list_folder(f"{chosen.folder}/{chosen.topic}"):
        if found := _STORED.search(uri):
            partition, last = map(int, found.groups())
            offsets[partition] = max(offsets.get(partition, _EARLIEST), last + 1)
    pairs = ", ".join(f'"{partition}": {offset}' for partition, offset in offsets.items())
    return f'{{"{chosen.topic}": {{{pairs}}}}}'


def _watch(query: StreamingQuery, chosen: Options, figures: Figures) -> None:
    try:
        while not query.awaitTermination(_REPORT_SECONDS):
            _report(query, figures)
    except Exception as error:
        raise JobError(_explained(error, chosen)) from None


def _report(query: StreamingQuery, figures: Figures) -> None:
    progress = query.lastProgress
    try:
        figures.report(progress.json if progress else None)
    except Exception as error:
        # Figures that cannot be sent are no reason to stop; the alarm on silence will say so.
        log("figures not sent", error=type(error).__name__)


def _explained(error: Exception, chosen: Options) -> str:
    """What failed and what to do; of an error that nobody knows its kind and first line."""
    text = str(error)
    # What a task raised stands within the long trace of Spark.
    if found := re.search(r"JobError: (.+)", text):
        return found[1]
    first = text.strip().partition("\n")[0]
    return broker.sentence(text, chosen) or f"stream {chosen.stream}: {type(error).__name__}: {first[:300]}"
