"""An object of a gigabyte, and who takes it: what a copy has at both ends."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SIZE = 1024**3
HERE = Path(__file__).parent


@cache
def md5(length: int) -> str:
    return base64.b64encode(hashlib.md5(bytes(length), usedforsecurity=False).digest()).decode()


class Ends(ThreadingHTTPServer):
    """Gives an object of zeros by ranges, and takes parts of an upload, of which it keeps the sizes."""

    daemon_threads = True

    @classmethod
    @contextmanager
    def serving(cls) -> Iterator[Ends]:
        """Both ends, until the end of the block."""
        server = cls()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.parts: list[int] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Ends

    def do_GET(self) -> None:
        asked = self.headers.get("x-ms-range") or self.headers["Range"]
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        assert found
        first, last = int(found[1]), min(int(found[2]), SIZE - 1)
        length = last - first + 1
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{SIZE}")
        self.send_header("ETag", '"1"')
        self.send_header("Content-MD5", md5(length))
        self.send_header("x-ms-blob-type", "BlockBlob")
        self._give(bytes(length))

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1024**2)))
        self.server.parts.append(
            int(self.headers.get("X-Amz-Decoded-Content-Length", self.headers["Content-Length"]))
        )
        self.send_response(200)
        self.send_header("ETag", '"part"')
        self._give(b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        begins = self.path.endswith("?uploads")
        kind = "InitiateMultipartUploadResult" if begins else "CompleteMultipartUploadResult"
        self._give(f"<{kind}><UploadId>1</UploadId></{kind}>".encode())

    def _give(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def copy_large(ends: Ends, service: str) -> int:
    """Copy the object in a process of its own; returns the most memory that this has taken (bytes)."""
    folders = os.pathsep.join(path for path in sys.path if path)
    aws = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    address = f"http://127.0.0.1:{ends.server_port}"
    run = subprocess.run(  # noqa: S603 (a program of ours)
        [sys.executable, str(HERE / "copy_large.py"), service, address, str(SIZE)],
        env={**os.environ, **aws, "PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(run.stdout)
