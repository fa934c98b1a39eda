"""Serves MiniStack with the extensions until it is told to stop, and ends what it started."""

import asyncio
import json
import os
import resource
import signal
import sys
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from local_shared import lifeline

from local_aws import extensions
from local_aws.options import Options
from local_aws.pinned import private

_ministack = private("server", "ministack.app", "app")


def run(options: Options) -> None:
    """Serve until SIGTERM, SIGINT or the parent's end; then end every child process."""
    _raise_file_limit()
    stops = extensions.install(options)
    try:
        asyncio.run(_serve(options))
    finally:
        for stop in stops:
            stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # MiniStack's daemon threads must not delay the end


async def _serve(options: Options) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    def stop_from_thread() -> None:
        loop.call_soon_threadsafe(stop.set)

    lifeline.watch(stop_from_thread)

    config = Config()
    config.bind = [f"127.0.0.1:{options.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2  # nobody waits for an answer any more: clients end before the server
    config.loglevel = options.log_level
    config.accesslog = None
    config.errorlog = "-"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _ministack.app(scope, receive, send)

    serving: ASGIFramework = app
    server = asyncio.create_task(serve(serving, config, shutdown_trigger=stop.wait))
    await _wait_until_listening(options.port, server)
    print(json.dumps({"ready": True, "endpoint": options.endpoint, "pid": os.getpid()}), flush=True)
    await server


async def _wait_until_listening(port: int, server: "asyncio.Task[None]") -> None:
    while True:
        if server.done():
            server.result()
            raise RuntimeError("the server ended before it listened")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


def _raise_file_limit() -> None:
    """Allow as many open files as the system lets us: hundreds of executions hold sockets at once."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
