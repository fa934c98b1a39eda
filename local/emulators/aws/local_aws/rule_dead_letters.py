"""Events that a rule cannot deliver go to the target's dead-letter queue (extension "rule-dead-letters")."""

import contextvars
import hashlib
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from local_aws.pinned import private, replace

_EXTENSION = "rule-dead-letters"
_eventbridge = private(
    _EXTENSION,
    "ministack.services.eventbridge",
    "_invoke_target",
    "_dispatch_to_lambda",
    "_dispatch_to_sqs",
    "_dispatch_to_sns",
    "_dispatch_to_stepfunctions",
    "_pattern_event_view",
    "_rule_arn",
)
_sfn = private(_EXTENSION, "ministack.services.stepfunctions", "_start_execution")
_lambda = private(_EXTENSION, "ministack.services.lambda_svc", "_get_func_record_for_ref")
_sqs = private(_EXTENSION, "ministack.services.sqs", "_queue_by_arn", "_ensure_msg_fields")
_sns = private(_EXTENSION, "ministack.services.sns", "_topic_by_arn_any_scope")
_concurrency = private(_EXTENSION, "ministack.core.concurrency", "esm_wake")


@dataclass(frozen=True)
class _Failure:
    code: str
    message: str


_failure: contextvars.ContextVar[_Failure | None] = contextvars.ContextVar("failure", default=None)


def install() -> None:
    """Note why a delivery fails, and deliver the event to the queue instead."""
    replace(_eventbridge, "_dispatch_to_stepfunctions", lambda _original: _start_execution)
    replace(_eventbridge, "_dispatch_to_lambda", _checking("function", _function_exists))
    replace(_eventbridge, "_dispatch_to_sqs", _checking("queue", _sqs._queue_by_arn))
    replace(_eventbridge, "_dispatch_to_sns", _checking("topic", _sns._topic_by_arn_any_scope))
    replace(_eventbridge, "_invoke_target", _with_dead_letters)


def _function_exists(arn: str) -> bool:
    return _lambda._get_func_record_for_ref(arn)[0] is not None


def _start_execution(arn: str, payload: str) -> None:
    status, _, body = _sfn._start_execution({"stateMachineArn": arn, "input": payload})
    if status != 200:
        answer = json.loads(body)
        _failure.set(_Failure(answer.get("__type", "INTERNAL_ERROR"), answer.get("message", "")))


def _checking(what: str, exists: Any) -> Any:
    def build(original: Any) -> Any:
        def dispatch(target: Any, *arguments: Any) -> Any:
            if not exists(str(target)):
                _failure.set(_Failure("RESOURCE_NOT_FOUND", f"The {what} {target} does not exist"))
                return None
            return original(target, *arguments)

        return dispatch

    return build


def _with_dead_letters(original: Any) -> Any:
    def invoke_target(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        token = _failure.set(None)
        try:
            original(target, event, rule, view)
            failure = _failure.get()
        finally:
            _failure.reset(token)
        queue_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
        if failure is not None and queue_arn:
            body = json.dumps((view or _eventbridge._pattern_event_view(event)).event_with_detail())
            _send(queue_arn, body, _attributes(target, rule, failure))

    return invoke_target


def _attributes(target: dict[str, Any], rule: dict[str, Any], failure: _Failure) -> dict[str, str]:
    """Message attributes as in "Using dead-letter queues", EventBridge user guide."""
    return {
        "RULE_ARN": rule.get("Arn")
        or _eventbridge._rule_arn(rule["Name"], rule.get("EventBusName", "default")),
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "RETRY_ATTEMPTS": "0",
    }


def _send(queue_arn: str, body: str, attributes: dict[str, str]) -> None:
    queue = _sqs._queue_by_arn(queue_arn)
    if queue is None:
        return
    now = time.time()
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "md5_body": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "attributes": {},
        "message_attributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
        "sys": {"SenderId": "events.amazonaws.com", "SentTimestamp": str(round(now * 1000))},
    }
    _sqs._ensure_msg_fields(message)
    queue["messages"].append(message)
    _concurrency.esm_wake.set()
