"""Serves fakesnow with the extensions until it is told to stop."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator

import uvicorn
from local_shared import lifeline
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local_snowflake import extensions
from local_snowflake.options import Options
from local_snowflake.pinned import private

_fakesnow = private("server", "fakesnow.server", "session", "monitoring_query")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which end the process by the signal itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(options: Options) -> None:
    """Serve until SIGTERM, SIGINT, SIGHUP or the parent's end; then write everything down."""
    installed = extensions.install(options)
    try:
        asyncio.run(_serve(options, installed))
    finally:
        installed.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a poll of the queue must not delay the end


async def _serve(options: Options, installed: extensions.Installed) -> None:
    config = uvicorn.Config(
        Starlette(routes=_routes(installed)),
        host="127.0.0.1",
        port=options.port,
        log_level=options.log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    def stop_from_thread() -> None:
        loop.call_soon_threadsafe(stop)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    lifeline.watch(stop_from_thread)
    installed.start()
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            serving.result()
            raise RuntimeError(f"the server ended before it listened on port {options.port}")
        await asyncio.sleep(0.01)
    print(json.dumps({"ready": True, "endpoint": options.endpoint, "pid": os.getpid()}), flush=True)
    await serving


def _routes(installed: extensions.Installed) -> list[Route]:
    return [
        Route("/session/v1/login-request", installed.logins.request, methods=["POST"]),
        Route("/queries/v1/query-request", installed.queries.request, methods=["POST"]),
        Route("/queries/v1/abort-request", _accepted, methods=["POST"]),
        Route("/session", installed.end_session, methods=["POST"]),
        Route("/session/heartbeat", _fakesnow.session, methods=["POST"]),
        Route("/monitoring/queries/{sfqid}", _fakesnow.monitoring_query, methods=["GET"]),
        Route("/local/queries", lambda _: JSONResponse(installed.files_read.queries()), methods=["GET"]),
        Route("/local/statements", lambda _: JSONResponse(installed.shapes.described()), methods=["GET"]),
        Route("/telemetry/send", _accepted, methods=["POST"]),
    ]


async def _accepted(_: Request) -> JSONResponse:
    return JSONResponse({"data": None, "code": None, "message": None, "success": True})
