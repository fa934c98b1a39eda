"""What stands before Azurite, which cannot be told to refuse: it hands on every call that it lets through."""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from local_shared.objects_control import PATH, ObjectsControl

_LOCALHOST = "127.0.0.1"
# Of one connection only. "Hypertext Transfer Protocol (HTTP/1.1): Message Syntax and Routing", RFC 7230.
_OF_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}

_LENGTH = "content-length"

_CODE = "AuthenticationFailed"
# "Status and error codes", Azure Storage REST API.
_REFUSAL = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{_CODE}</Code><Message>no</Message></Error>'


class Front(ThreadingHTTPServer):
    """Listens on one port of 127.0.0.1, and asks Azurite at another one."""

    daemon_threads = True

    def __init__(self, port: int, azurite: int, control: ObjectsControl) -> None:
        super().__init__((_LOCALHOST, port), _Handler)
        self.azurite = azurite
        self.control = control

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is no error of the server's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        self._take()

    def do_HEAD(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if urlsplit(self.path).path == PATH:
            told = self.server.control.told(dict(parse_qsl(body.decode())))
            self._give(200, {"Content-Type": "application/json"}, json.dumps(told).encode())
        elif self.server.control.refuses():
            self._give(403, {"Content-Type": "application/xml", "x-ms-error-code": _CODE}, _REFUSAL.encode())
        else:
            self._hand_on(body)

    def _hand_on(self, body: bytes) -> None:
        azurite = http.client.HTTPConnection(_LOCALHOST, self.server.azurite)
        try:
            azurite.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _OF_CONNECTION:
                    azurite.putheader(name, value)
            azurite.endheaders(body or None)
            answer = azurite.getresponse()
            given = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_CONNECTION}
            self._give(answer.status, given, answer.read())
        finally:
            azurite.close()

    def _give(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            # The answer to HEAD states the length of what it does not hold.
            if name.lower() != _LENGTH or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header(_LENGTH, str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: parameters may hold a login."""
