"""The emulator behind what it leaves out: logins, refusals, and the condition on an object's generation."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.server import RequestHandler
from gcp_storage_emulator.storage import Storage
from local_shared.objects_control import PATH, ObjectsControl

from local_gcs.tokens import Tokens

TOKEN_PATH = "/token"  # noqa: S105 (a path)
_OBJECT = re.compile(r"^(?:/download)?/storage/v1/b/([^/]+)/o/(.+)$")


class Server(ThreadingHTTPServer):
    """Listens on a port of 127.0.0.1; what is stored stays in memory.

    control: what it is told to do, once there is a bucket.
    """

    daemon_threads = True
    control: ObjectsControl | None = None

    def __init__(self, port: int) -> None:
        self.storage = Storage(use_memory_fs=True)
        super().__init__(("127.0.0.1", port), partial(_Handler, self.storage))
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.tokens = Tokens(f"{self.address}{TOKEN_PATH}")

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(RequestHandler):  # type: ignore[misc]
    server: Server

    def parse_request(self) -> bool:
        """Read the head of a call; False where it was answered here."""
        if not super().parse_request():
            return False
        own = {TOKEN_PATH: self._give_token, PATH: self._be_told}.get(urlsplit(self.path).path)
        if self.command == "POST" and own:
            own()
            return False
        return not self._refused()

    def _refused(self) -> bool:
        """Answer what the emulator would let through; tells whether it was answered."""
        status = self.server.tokens.allows(
            self.headers.get("Authorization", ""), writing=self.command != "GET"
        )
        reads = self.command == "GET"
        if status is None and reads and self.server.control and self.server.control.refuses():
            status = 403
        if status is None and not self._generation_matches():
            status = 412
        if status is not None:
            self._answer(status, {"error": {"code": status, "message": "refused"}})
        return status is not None

    def _generation_matches(self) -> bool:
        """Whether the object is the one that is asked for. "Request preconditions", Google Cloud Storage."""
        parts = urlsplit(self.path)
        wanted = parse_qs(parts.query).get("ifGenerationMatch")
        found = _OBJECT.match(parts.path)
        if not wanted or not found or self.command != "GET":
            return True
        try:
            described = self.storage.get_file_obj(*map(unquote, found.groups()))
        except NotFound:
            return True  # the emulator says so
        return bool(described["generation"] == wanted[0])

    def _form(self) -> dict[str, str]:
        length = int(self.headers.get("Content-Length", "0"))
        return dict(parse_qsl(self.rfile.read(length).decode()))

    def _be_told(self) -> None:
        told = self.server.control.told(self._form()) if self.server.control else {}
        self._answer(200, told)

    def _give_token(self) -> None:
        given = self.server.tokens.give(self._form())
        if given is None:
            self._answer(400, {"error": "invalid_grant"})
        else:
            self._answer(200, given)

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
