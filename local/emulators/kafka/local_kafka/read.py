"""Shows a topic from its beginning: ``python -m local_kafka.read --address A --login FILE --topic T``.

Prints each message as a line of JSON, ``{"partition", "offset", "bytes", "headers"}``, and ends where the
topic ends now.
"""

import argparse
import json
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from local_kafka.client import settings

_SILENT_SECONDS = 20


def main() -> None:
    """Print the topic."""
    parser = argparse.ArgumentParser(prog="python -m local_kafka.read", description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--login", type=Path, required=True, help="file {username, password …}")
    parser.add_argument("--topic", required=True)
    chosen = parser.parse_args()
    # A group's name is asked for, and without commits none is made.
    consumer = Consumer(
        settings(chosen.address, chosen.login)
        | {"group.id": "read", "enable.auto.commit": False, "enable.partition.eof": True}
    )
    try:
        partitions = list(
            consumer.list_topics(chosen.topic, timeout=_SILENT_SECONDS).topics[chosen.topic].partitions
        )
        consumer.assign([TopicPartition(chosen.topic, number, OFFSET_BEGINNING) for number in partitions])
        _print(consumer, len(partitions))
    finally:
        consumer.close()


def _print(consumer: Consumer, partitions: int) -> None:
    while partitions:
        message = consumer.poll(_SILENT_SECONDS)
        if message is None:
            raise SystemExit(f"The broker has been silent for {_SILENT_SECONDS} s.")
        if (error := message.error()) is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            partitions -= 1
            continue
        found = {
            "partition": message.partition(),
            "offset": message.offset(),
            "bytes": len(message.value() or b""),
            "headers": {name: _text(value) for name, value in dict(message.headers() or []).items()},
        }
        print(json.dumps(found))


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""


if __name__ == "__main__":
    main()
