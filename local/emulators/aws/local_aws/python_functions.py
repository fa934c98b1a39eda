"""Lambdas of Python run on an interpreter of this machine (extension "python-functions").

MiniStack runs them on its own interpreter and unpacks their layers at every start. A layer holds libraries
for Lambda's processor, which need not be this machine's: the interpreter that is named has the same ones.
"""

from typing import Any

from local_aws.options import Options
from local_aws.pinned import private, replace

_runtime = private(
    "python-functions", "ministack.core.lambda_runtime", "_detect_runtime_binary", "Worker._spawn"
)


class NoInterpreterError(RuntimeError):
    """A function of Python is called, and no interpreter was named."""


def install(options: Options) -> None:
    """Use the interpreter, and no layers."""
    replace(_runtime, "_detect_runtime_binary", lambda original: _with_interpreter(original, options))
    replace(_runtime.Worker, "_spawn", _without_layers)


def _with_interpreter(original: Any, options: Options) -> Any:
    def detect(runtime: str) -> tuple[str, str]:
        binary, script = original(runtime)
        if not runtime.startswith("python"):
            return binary, script
        if options.function_python is None:
            raise NoInterpreterError(
                f"a function of {runtime} is called; start the local AWS with --function-python"
            )
        return options.function_python, script

    return detect


def _without_layers(original: Any) -> Any:
    def spawn(worker: Any) -> None:
        if str(worker.config.get("Runtime", "")).startswith("python"):
            worker.config = {**worker.config, "Layers": []}
        original(worker)

    return spawn
