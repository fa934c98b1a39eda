"""The server's own life: ready, apart from others, and gone with everything it started."""
# ruff: noqa: S603, S607 (the tests start their own programs)

import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from emulator_process import REGION, ROOT, Server, environment, eventually
from support import command, descendants, running, start_aws

PARENT = """
import subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(server.stdout.readline().decode(), end="", flush=True)
server.wait()
"""


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for one test."""
    started = start_aws(tmp_path)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


def _client(endpoint: str, service: str) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
    return session.client(service, endpoint_url=endpoint)


def _occupy(endpoint: str, server: int) -> set[int]:
    """Have a Glue job run that has a child of its own, and return all processes below the server's."""
    script = b"import subprocess\nsubprocess.run(['sleep', '600'])\n"
    _client(endpoint, "s3").create_bucket(Bucket="scripts")
    _client(endpoint, "s3").put_object(Bucket="scripts", Key="busy.py", Body=script)
    _client(endpoint, "glue").create_job(
        Name="busy",
        Role="arn:aws:iam::000000000000:role/test",
        Command={"Name": "pythonshell", "ScriptLocation": "s3://scripts/busy.py"},
    )
    _client(endpoint, "glue").start_job_run(JobName="busy")

    def started() -> set[int] | None:
        below = descendants(server)
        return below if len(below) >= 2 else None  # the job's process, and its child

    return eventually(started)


def _create_function(endpoint: str, name: str, code: str) -> str:
    """Create a function of Node from the text of its index.js; returns its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.js", code)
    answer = _client(endpoint, "lambda").create_function(
        FunctionName=name,
        Runtime="nodejs24.x",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/test",
        Timeout=60,
        Code={"ZipFile": archive.getvalue()},
    )
    return str(answer["FunctionArn"])


def _invoke_without_answer(endpoint: str, started: Path) -> None:
    """Have a function be at work that never answers and does not end when asked."""
    code = f"""
    process.on('SIGTERM', () => {{}});
    exports.handler = () => {{
      require('fs').writeFileSync({json.dumps(str(started))}, '');
      return new Promise(() => setInterval(() => {{}}, 1000));
    }};
    """
    function = _create_function(endpoint, "unanswering", code)
    _client(endpoint, "lambda").invoke(FunctionName=function, InvocationType="Event", Payload=b"{}")
    eventually(started.exists)


def _naming(text: str) -> set[int]:
    """Ids of the processes whose command line holds a text."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split()[0]) for line in table.splitlines() if text in line}


def test_sigterm_ends_the_server_and_everything_it_started(own_server: Server) -> None:
    below = _occupy(own_server.endpoint, own_server.process.pid)
    assert own_server.stop() == 0
    assert not running(below)


def test_sigterm_leaves_no_function_behind_that_is_started_meanwhile(own_server: Server) -> None:
    # The end of one invocation starts the next one: here always, in the pipeline only a failed invocation.
    code = "setInterval(() => {}, 1000); exports.handler = async () => {};"
    function = _create_function(own_server.endpoint, "again", code)
    again = {"Type": "Task", "Resource": function, "Next": "Again"}
    states = {"Again": {**again, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Again"}]}}
    step_functions = _client(own_server.endpoint, "stepfunctions")
    machine = step_functions.create_state_machine(
        name="again",
        roleArn="arn:aws:iam::000000000000:role/test",
        definition=json.dumps({"StartAt": "Again", "States": states}),
    )
    step_functions.start_execution(stateMachineArn=machine["stateMachineArn"])
    workers = str(own_server.state / "tmp")
    eventually(lambda: _naming(workers))
    assert own_server.stop() == 0
    assert not running(_naming(workers))


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_end_the_server_too(own_server: Server, ending: signal.Signals) -> None:
    own_server.process.send_signal(ending)
    assert own_server.process.wait(10) == 0


def test_nothing_outlives_a_killed_server(own_server: Server) -> None:
    below = _occupy(own_server.endpoint, own_server.process.pid)
    own_server.process.kill()
    own_server.process.wait()
    eventually(lambda: not running(below))


def test_a_function_at_work_does_not_outlive_a_killed_server(own_server: Server) -> None:
    _invoke_without_answer(own_server.endpoint, own_server.state / "started")
    below = descendants(own_server.process.pid)
    own_server.process.kill()
    own_server.process.wait()
    assert below
    eventually(lambda: not running(below))


def test_closing_standard_input_ends_the_server(own_server: Server) -> None:
    assert own_server.process.stdin is not None
    own_server.process.stdin.close()
    assert own_server.process.wait(10) == 0


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *command(tmp_path)], stdout=subprocess.PIPE, env=environment("aws")
    )
    assert parent.stdout is not None
    ready = json.loads(parent.stdout.readline())
    below = {ready["pid"], *_occupy(ready["endpoint"], ready["pid"])}
    parent.kill()
    parent.wait()
    eventually(lambda: not running(below))


def test_two_servers_share_nothing(own_server: Server, aws: Callable[[str], Any]) -> None:
    _client(own_server.endpoint, "s3").create_bucket(Bucket="only-here")
    assert "only-here" not in {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]}
    assert {entry.name for entry in own_server.state.iterdir()} == {
        "glue",
        "ministack",
        "s3",
        "server.log",
        "tmp",
    }


def test_every_private_name_is_checked_at_start() -> None:
    code = (
        "from local_aws.pinned import private\n"
        "private('s3-events', 'ministack.services.s3', '_fire_s3_event', '_gone')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment("aws")
    )
    pin = next(
        line
        for line in (ROOT / "local/emulators/aws/requirements.in").read_text().splitlines()
        if "ministack==" in line
    )
    assert result.returncode != 0
    assert "extension 's3-events' needs ministack.services.s3._gone" in result.stderr
    assert pin.removeprefix("ministack==") in result.stderr
