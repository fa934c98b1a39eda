"""Produces to a topic: ``python -m local_kafka.feed --address A --login FILE --topic T``.

Made-up reviews, or what a file has: a message in each line, ``{"key": …, "value": …}``, a text or null each.

Prints ``{"messages", "seconds"}`` when the broker has them all.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from confluent_kafka import KafkaError, Message, Producer
from native import NativeReviews

from local_kafka.broker import MESSAGE_BYTES
from local_kafka.client import settings

_SENTENCES = tuple(f"It is {word}." for word in ("fine", "good", "loud", "too small", "as described"))


def main() -> None:
    """Produce as many messages as were asked for, not faster than the rate."""
    parser = argparse.ArgumentParser(prog="python -m local_kafka.feed", description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--login", type=Path, required=True, help="file {username, password …}")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first review (default: 0)")
    parser.add_argument("--file", type=Path, help="messages to produce in place of reviews")
    parser.add_argument("--rate", type=float, default=0, help="messages per second (default: any)")
    chosen = parser.parse_args()
    messages = read(chosen.file) if chosen.file else made(chosen.first, chosen.messages)
    began = time.monotonic()
    produce(settings(chosen.address, chosen.login), chosen.topic, messages, chosen.rate)
    print(json.dumps({"messages": len(messages), "seconds": round(time.monotonic() - began, 3)}))


def read(file: Path) -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of the messages of a file."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [(_encoded(line["key"]), _encoded(line["value"])) for line in lines]


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def made(first: int, count: int) -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of reviews with the numbers from `first` on."""
    reviews = NativeReviews(200, 500, _SENTENCES)
    found: list[tuple[bytes | None, bytes | None]] = []
    for number in range(first, first + count):
        name = f"K{number:08d}"
        review = reviews.review(Random(name), name)  # noqa: S311 (made-up data)
        found.append((name.encode(), json.dumps(review, ensure_ascii=False).encode()))
    return found


def produce(
    client: dict[str, str | int | float | bool],
    topic: str,
    messages: Sequence[tuple[bytes | None, bytes | None]],
    rate: float = 0,
) -> None:
    """Produce messages; returns when the broker has them, also one that was killed and came back."""
    # Idempotent: what is sent again after a broken connection is there once, and in its order.
    producer = Producer(
        {
            **client,
            "enable.idempotence": True,
            "linger.ms": 20,
            "compression.type": "lz4",
            "message.max.bytes": MESSAGE_BYTES,
            # A call for each message that has arrived would tell nothing that flush does not.
            "delivery.report.only.error": True,
        }
    )
    failures: list[str] = []

    def told(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error.str())

    began = time.monotonic()
    for number, (key, value) in enumerate(messages):
        if rate:
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
        while True:
            try:
                producer.produce(topic, value, key, on_delivery=told)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    producer.flush(120)
    if failures:
        raise SystemExit(f"{len(failures)} messages could not be produced: {failures[0]}")


if __name__ == "__main__":
    main()
