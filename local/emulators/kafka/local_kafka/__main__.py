"""Serves one broker: ``python -m local_kafka --port N --state DIR --jars DIR --topic NAME:PARTITIONS …``.

Prints one line when it serves, and ends on a signal or with its parent. A broker that was killed is started
again, as a cluster of MSK does with a broker of its own.
"""

import argparse
import json
import os
from pathlib import Path

from local_shared.serving import reason_to_end

from local_kafka.broker import Broker
from local_kafka.client import make_topics


def main() -> None:
    """Serve until a signal comes or the parent is gone."""
    parser = argparse.ArgumentParser(prog="python -m local_kafka", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port to serve on (127.0.0.1 only)")
    parser.add_argument("--state", type=Path, required=True, help="folder for everything that is written")
    parser.add_argument("--jars", type=Path, required=True, help="folder of the broker's jars")
    parser.add_argument("--topic", action="append", default=[], help="NAME:PARTITIONS, made at the start")
    chosen = parser.parse_args()

    broker = Broker(chosen.port, chosen.state.resolve(), chosen.jars.resolve())
    stop = reason_to_end()
    broker.start()
    try:
        make_topics(broker.address, broker.login_file, [_topic(text) for text in chosen.topic])
        print(json.dumps({"ready": True, "endpoint": broker.address, "pid": os.getpid()}), flush=True)
        while not stop.wait(0.2):
            broker.start_again_if_ended()
    finally:
        broker.stop()


def _topic(text: str) -> tuple[str, int]:
    name, _, partitions = text.partition(":")
    return name, int(partitions or 1)


if __name__ == "__main__":
    main()
