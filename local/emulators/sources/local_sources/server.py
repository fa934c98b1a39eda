"""An HTTP server for services, with faults on demand."""

from __future__ import annotations

import json
import ssl
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from local_sources.service import NOT_FOUND, Answer, Request, Service


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1, or the one given.

    faults: answers in place of those of the next calls; None lets a call through.
    calls: the calls so far. control: answers before everything else, and is no call.
    """

    daemon_threads = True

    def __init__(self, *services: Service, port: int = 0, certificate: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.services = services
        self.control: Service | None = None
        self.faults: deque[Answer | None] = deque()
        self.calls: list[Request] = []
        self._scheme = "https" if certificate else "http"
        if certificate:
            self.socket = certificate.wrap_socket(self.socket, server_side=True)

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """End and close the port."""
        self.shutdown()
        self.server_close()

    def answer(self, request: Request) -> Answer:
        """What the services say, unless a fault comes first."""
        if self.control and (told := self.control(request)):
            return told
        self.calls.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            return fault
        found = (answer for service in self.services if (answer := service(request)))
        return next(found, NOT_FOUND)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is no error of the server's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._give()

    def do_HEAD(self) -> None:
        self._give()

    def do_POST(self) -> None:
        posted = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.headers.get("Content-Type") == "application/json":
            self._give(document=json.loads(posted))
        else:
            self._give(form=dict(parse_qsl(posted)))

    def _give(self, **posted: Any) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = self.server.answer(Request(unquote(parts.path), parameters, headers, **posted))
        body = answer.content()
        announced = len(body) if answer.announced is None else answer.announced
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if announced > len(body):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: parameters may hold keys."""
