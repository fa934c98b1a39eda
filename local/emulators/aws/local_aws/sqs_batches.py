"""Lambda's SQS event source collects batches (extension "sqs-batches").

MiniStack polls as soon as a message arrives, so every batch has one message, whatever the mapping's
BatchSize and MaximumBatchingWindowInSeconds say.
"""

import threading
import time
from typing import Any

from local_aws.pinned import private, replace

_EXTENSION = "sqs-batches"
_sqs = private(_EXTENSION, "ministack.services.sqs", "_receive_messages_for_esm", "_queues")
_lambda = private(_EXTENSION, "ministack.services.lambda_svc", "_esms", "_poll_sqs")
_concurrency = private(_EXTENSION, "ministack.core.concurrency", "esm_wake")


def install() -> None:
    """Hold messages back until the batch is full or the window is over."""
    replace(_sqs, "_receive_messages_for_esm", _BatchingReceiver)


class _BatchingReceiver:
    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._window_ends: dict[str, float] = {}

    def __call__(self, queue_url: str, batch_size: int) -> list[dict[str, Any]]:
        queue = _sqs._queues.get(queue_url)
        mapping = _mapping_of(queue)
        if mapping is None or not self._is_due(mapping, _visible(queue), batch_size):
            return []
        self._window_ends.pop(mapping["UUID"], None)
        return self._receive_up_to(queue_url, batch_size)

    def _is_due(self, mapping: dict[str, Any], waiting: int, batch_size: int) -> bool:
        window = mapping.get("MaximumBatchingWindowInSeconds") or 0
        if waiting == 0 or waiting >= batch_size or window == 0:
            return waiting > 0
        now = time.monotonic()
        end = self._window_ends.setdefault(mapping["UUID"], now + window)
        if end == now + window:
            timer = threading.Timer(window, _concurrency.esm_wake.set)
            timer.daemon = True
            timer.start()
        return now >= end

    def _receive_up_to(self, queue_url: str, batch_size: int) -> list[dict[str, Any]]:
        """MiniStack gives out at most 10 messages at a time."""
        batch: list[dict[str, Any]] = []
        while len(batch) < batch_size:
            messages = self._receive(queue_url, batch_size - len(batch))
            if not messages:
                break
            batch += messages
        return batch


def _mapping_of(queue: dict[str, Any] | None) -> dict[str, Any] | None:
    """The enabled mapping of the queue; the poller does not say for which one it asks."""
    arn = queue["attributes"].get("QueueArn") if queue else None
    mappings = (mapping for mapping in _lambda._esms.values() if mapping.get("Enabled", True))
    return next((mapping for mapping in mappings if mapping.get("EventSourceArn") == arn), None)


def _visible(queue: dict[str, Any] | None) -> int:
    now = time.time()
    return sum(1 for message in (queue or {"messages": []})["messages"] if message["visible_at"] <= now)
