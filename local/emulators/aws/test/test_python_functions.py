"""Lambdas of Python: the interpreter that is named runs them, without their layers."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import REGION, Server, python_of
from support import start_aws

ROLE = "arn:aws:iam::000000000000:role/test"
CODE = """
import os, sys

def handle(event, context):
    source = os.environ.get("SOURCE_ENDPOINT_URL")
    return {"prefix": sys.prefix, "source": source, "layer": "only_in_layer" in sys.modules}

try:
    import only_in_layer
except ImportError:
    pass
"""


def _zip(name: str, text: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, text)
    return archive.getvalue()


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows an interpreter and a source."""
    started = start_aws(
        tmp_path_factory.mktemp("python-functions"),
        *("--function-python", str(python_of("glue")), "--source-endpoint", "http://127.0.0.1:9"),
    )
    yield started
    started.stop()


def _invoke(knowing: Server) -> dict[str, Any]:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    functions = session.client("lambda", endpoint_url=knowing.endpoint)
    layer = functions.publish_layer_version(
        LayerName="libraries", Content={"ZipFile": _zip("python/only_in_layer.py", "")}
    )
    functions.create_function(
        FunctionName="python",
        Runtime="python3.13",
        Handler="handler.handle",
        Role=ROLE,
        Layers=[layer["LayerVersionArn"]],
        Code={"ZipFile": _zip("handler.py", CODE)},
    )
    answer = functions.invoke(FunctionName="python", Payload=b"{}")
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def test_the_interpreter_that_was_named_runs_them_with_the_source_and_without_layers(knowing: Server) -> None:
    assert _invoke(knowing) == {
        "prefix": str(Path(python_of("glue")).parents[1]),
        "source": "http://127.0.0.1:9",
        "layer": False,
    }


def test_without_an_interpreter_a_call_says_what_is_missing(
    aws: Callable[[str], Any], unique: Callable[[str], str]
) -> None:
    name = unique("python")
    aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="handler.handle",
        Role=ROLE,
        Code={"ZipFile": _zip("handler.py", CODE)},
    )
    answer = aws("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert "--function-python" in answer["Payload"].read().decode()
