"""What a run of the streaming job is told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    environment: str
    """First part of the environment's names, a dimension of every metric."""
    stream: str
    source: str
    """Source contract, and folder below reviews/."""
    topic: str
    dead_letter_topic: str
    raw: str
    """URI of the raw bucket, without a slash at its end."""
    checkpoint: str
    """URI of a folder that only this stream has."""
    seconds_per_batch: int
    messages_per_batch: int
    cluster: str | None
    """ARN of an MSK cluster, which is asked for its brokers; else `bootstrap` has them."""
    bootstrap: str | None
    authentication: str
    secret: str | None

    @property
    def folder(self) -> str:
        """URI of the folder of the stream's files."""
        return f"{self.raw}/reviews/{self.source}/{self.stream}"


def parse(arguments: Sequence[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="stream reviews")
    add = parser.add_argument
    add("--environment", required=True)
    add("--stream", required=True)
    add("--source", required=True)
    add("--topic", required=True)
    add("--dead-letter-topic", required=True)
    add("--raw", required=True)
    add("--checkpoint", required=True)
    add("--seconds-per-batch", type=int, required=True)
    add("--messages-per-batch", type=int, required=True)
    brokers = parser.add_mutually_exclusive_group(required=True)
    brokers.add_argument("--cluster")
    brokers.add_argument("--bootstrap")
    add("--authentication", choices=["iam", "scram", "none"], required=True)
    add("--login", dest="secret")
    known, _ = parser.parse_known_args(arguments)  # Glue adds arguments of its own
    return Options(**vars(known))
