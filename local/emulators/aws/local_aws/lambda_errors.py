"""Failed Lambda invocations carry the error's name (extension "lambda-errors").

MiniStack calls every thrown error ``Runtime.HandlerError``, so no Retry or Catch by name would ever match.
"""

import contextvars
from typing import Any

from local_aws.pinned import private, replace

_runtime = private(
    "lambda-errors",
    "ministack.core.lambda_runtime",
    "_NODEJS_WORKER_SCRIPT",
    "_PYTHON_WORKER_SCRIPT",
    "Worker.invoke",
)
_lambda = private("lambda-errors", "ministack.services.lambda_svc", "_execute_function_warm")

# What MiniStack's workers report of an error, and the same with its name.
_NODE_REPORTS = {
    'error: String(err.message || err), trace: err.stack || ""': (
        'error: String(err.message || err), errorType: err.name || "Error", trace: err.stack || ""'
    ),
    "error: e.message, trace: e.stack": "error: e.message, errorType: e.name, trace: e.stack",
}
_PYTHON_REPORTS = {
    '"error": str(e), "trace": traceback.format_exc()': (
        '"error": str(e), "errorType": type(e).__name__, "trace": traceback.format_exc()'
    ),
}
# MiniStack's words for a process that ended during an invocation, or while it started; Lambda's error type.
_DIED = ("Worker process died", "Worker process exited immediately", "[Errno 32] Broken pipe")
_DIED_TYPE = "Runtime.ExitError"
# The name of a function that exceeded its timeout; older runtimes have Lambda.Unknown.
# "Handle Lambda service exceptions", AWS Step Functions Developer Guide.
_TIMED_OUT = "Task timed out after"
_TIMED_OUT_TYPE = "Sandbox.Timedout"

_report: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("report", default=None)


class ChangedScriptError(RuntimeError):
    """MiniStack's worker script does not contain what this extension replaces."""


def install() -> None:
    """Let the workers report the error's name and the invocation hand it on."""
    _runtime._NODEJS_WORKER_SCRIPT = _replaced(_runtime._NODEJS_WORKER_SCRIPT, _NODE_REPORTS)
    _runtime._PYTHON_WORKER_SCRIPT = _replaced(_runtime._PYTHON_WORKER_SCRIPT, _PYTHON_REPORTS)
    replace(_runtime.Worker, "invoke", _noting_report)
    replace(_lambda, "_execute_function_warm", _naming_errors)


def _replaced(script: str, reports: dict[str, str]) -> str:
    for old, new in reports.items():
        if old not in script:
            raise ChangedScriptError(
                f"extension 'lambda-errors': MiniStack's worker script no longer says {old!r}"
            )
        script = script.replace(old, new)
    return script


def _noting_report(original: Any) -> Any:
    def invoke(worker: Any, *arguments: Any, **named: Any) -> Any:
        try:
            result = original(worker, *arguments, **named)
        except (RuntimeError, BrokenPipeError) as error:
            if not str(error).startswith(_DIED):
                raise
            result = {"status": "error", "error": str(error)}
        _report.set(result)
        return result

    return invoke


def _naming_errors(original: Any) -> Any:
    def execute(*arguments: Any, **named: Any) -> Any:
        _report.set(None)
        result = original(*arguments, **named)
        report = _report.get()
        if result.get("error") and report is not None:
            result["body"] |= _named(report)
        return result

    return execute


def _named(report: dict[str, Any]) -> dict[str, Any]:
    if str(report.get("error", "")).startswith(_DIED):
        return {
            "errorType": _DIED_TYPE,
            "errorMessage": "Runtime exited during the invocation; see the function's log",
        }
    if str(report.get("error", "")).startswith(_TIMED_OUT):
        return {"errorType": _TIMED_OUT_TYPE}
    named: dict[str, Any] = {}
    if report.get("errorType"):
        named["errorType"] = report["errorType"]
    if report.get("trace"):
        named["trace"] = report["trace"].splitlines()
    return named
