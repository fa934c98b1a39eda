"""Batches of Lambda's SQS event source."""

import json
import time
from typing import Any

import pytest
from emulator_process import eventually

# Reports every batch it gets, and the messages that say "fail" as failed.
CODE = """
exports.handler = async (event) => {
  console.log('batch ' + JSON.stringify(event.Records.map((record) => record.body)));
  const failed = event.Records.filter((record) => record.body === 'fail');
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
};
"""


@pytest.fixture
def consumer(aws: Any, create_function: Any, create_queue: Any) -> Any:
    """Maps a queue to a function; returns the queue's URL and what tells the batches the function got."""

    def create(batch_size: int, window: int) -> tuple[str, Any]:
        url, queue = create_queue(VisibilityTimeout="1")
        function = create_function(CODE)
        aws("lambda").create_event_source_mapping(
            FunctionName=function,
            EventSourceArn=queue,
            BatchSize=batch_size,
            MaximumBatchingWindowInSeconds=window,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        group = f"/aws/lambda/{function.rsplit(':', 1)[1]}"

        def batches() -> list[list[str]]:
            groups = aws("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            events = aws("logs").filter_log_events(logGroupName=group)["events"] if groups else []
            lines = (event["message"].partition("batch ") for event in events)
            return [json.loads(batch) for _, found, batch in lines if found]

        return url, batches

    return create


def _send(aws: Any, url: str, bodies: list[str]) -> None:
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])]
        aws("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def test_messages_of_a_window_come_in_one_batch(aws: Any, consumer: Any) -> None:
    url, batches = consumer(batch_size=100, window=2)
    started = time.monotonic()
    for body in ("a", "b", "c"):
        _send(aws, url, [body])
    found = eventually(batches)
    assert [sorted(batch) for batch in found] == [["a", "b", "c"]]
    assert time.monotonic() - started >= 2


def test_full_batch_does_not_wait_for_the_window(aws: Any, consumer: Any) -> None:
    url, batches = consumer(batch_size=25, window=300)
    _send(aws, url, [str(number) for number in range(25)])
    assert [len(batch) for batch in eventually(batches)] == [25]


def test_failed_items_come_again_alone(aws: Any, consumer: Any) -> None:
    url, batches = consumer(batch_size=10, window=1)
    _send(aws, url, ["good", "fail"])
    found = eventually(lambda: seen if len(seen := batches()) >= 2 else None)
    assert (sorted(found[0]), found[1]) == (["fail", "good"], ["fail"])


def test_without_a_window_messages_are_delivered_at_once(aws: Any, consumer: Any) -> None:
    url, batches = consumer(batch_size=10, window=0)
    _send(aws, url, ["a"])
    assert eventually(batches, 5) == [["a"]]
