"""A client of the local broker: makes topics, and is what feeds them."""

import json
import time
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

_START_SECONDS = 90


def settings(address: str, login_file: Path) -> dict[str, str | int | float | bool]:
    """Settings of a client, in the names of librdkafka."""
    login = json.loads(login_file.read_text())
    return {
        "bootstrap.servers": address,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": login["username"],
        "sasl.password": login["password"],
        "ssl.ca.pem": login["certificateAuthority"],
        # Until the broker serves, every try is refused.
        "log_level": "0",
    }


def make_topics(address: str, login_file: Path, topics: list[tuple[str, int]]) -> None:
    """Wait until the broker serves, and make the topics that are not there yet."""
    admin = AdminClient(settings(address, login_file))
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            there = admin.list_topics(timeout=2).topics
            break
        except KafkaException:
            if time.monotonic() > deadline:
                raise
    new = [NewTopic(name, partitions, 1) for name, partitions in topics if name not in there]
    for made in (admin.create_topics(new) if new else {}).values():
        try:
            made.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
