"""Where clients connect: with TLS and without, as a server with a certificate takes them.

The packaged server is built without TLS, so this ends TLS in front of it. "Message Flow" (SSL Session
Encryption), PostgreSQL documentation.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
import threading
from pathlib import Path

from local_shared.certificate import certify

# A first message: its length, and a code in place of the protocol's version.
_FIRST = struct.Struct(">II")
_TLS_REQUEST = 80_877_103
_GSS_REQUEST = 80_877_104
_CHUNK = 256 * 1024


def certificate(state: Path) -> ssl.SSLContext:
    """A new certificate for this machine; the authority that has signed it is written to the folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certify(state).configure_cert(context)
    return context


class Front:
    """Listens on a port of 127.0.0.1 and passes everything on to another one."""

    def __init__(self, port: int, server_port: int, context: ssl.SSLContext) -> None:
        self._port = port
        self._server_port = server_port
        self._context = context
        self._listening = threading.Event()

    def start(self) -> None:
        """Serve in the background, until this process ends."""
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True, name="front").start()
        if not self._listening.wait(10):
            raise SystemExit(f"Port {self._port} of 127.0.0.1 cannot be served: is it taken?")

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._take, "127.0.0.1", self._port)
        self._listening.set()
        await server.serve_forever()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server: asyncio.StreamWriter | None = None
        try:
            first = await self._first_message(reader, writer)
            from_server, server = await asyncio.open_connection("127.0.0.1", self._server_port)
            server.write(first)
            ways = (_pass_on(reader, server), _pass_on(from_server, writer))
            tasks = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.IncompleteReadError):
            pass  # a client that hangs up, or trusts the certificate not, is no error of the server's
        finally:
            for end in (server, writer):
                if end is not None:
                    end.close()

    async def _first_message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """The beginning of the first message that is for the server."""
        while True:
            first = await reader.readexactly(_FIRST.size)
            _, code = _FIRST.unpack(first)
            if code == _TLS_REQUEST:
                writer.write(b"S")
                await writer.start_tls(self._context)
            elif code == _GSS_REQUEST:
                writer.write(b"N")
            else:
                return first


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass  # either side has hung up
