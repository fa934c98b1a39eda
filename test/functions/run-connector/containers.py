"""A container of objects that answers as both services do, and what a connector's run needs beside it.

"List Blobs", "Get Blob", Azure Storage REST API; "Objects: list", "Objects: get", JSON API of Google Cloud
Storage.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import google_crc32c
from connector.azure_objects import AzureObjects
from connector.budget import Budget
from connector.checked_stream import CheckedStream
from connector.copied import Copied
from connector.copying import Copying
from connector.errors import OvertakenError
from connector.gcs_objects import GcsObjects
from connector.objects_contract import ObjectsContract, Service
from connector.objects_source import ObjectSource, SourceObject
from lists import budget
from local_sources.service import Answer, Request
from memory_store import KilledError

PAGE = 3
BELOW = "reviews/native/files/"
_TIME = "Fri, 01 May 2026 10:00:00 GMT"
_GOOGLE = re.compile(r"^(?:/download)?/storage/v1/b/reviews/o(?:/(.*))?$")


@dataclass
class Stored:
    """An object as it is stored; stated: the content of which its service gives the checksum."""

    version: int
    content: bytes
    stated: bytes | None
    encoding: str | None = None


@dataclass
class Container:
    """The container "reviews". on_read is called before an object is read, and may change it."""

    objects: dict[str, Stored] = field(default_factory=dict)
    on_read: Callable[[str], None] = lambda _: None
    cut_in: int = 0
    """Readings until one is cut off in its middle."""
    versions: int = 0

    def put(self, name: str, content: bytes, **more: Any) -> None:
        """Write an object, as a producer does."""
        self.versions += 1
        self.objects[name] = Stored(self.versions, content, **{"stated": content, **more})

    def __call__(self, request: Request) -> Answer | None:
        google = _GOOGLE.match(request.path)
        if google and google[1] is None:
            return self._google_list(request)
        if google:
            return self._google_object(google[1], request)
        if request.parameters.get("comp") == "list":
            return self._azure_list(request)
        if request.path == "/reviews":
            return Answer(b"")
        return self._azure_object(request.path.removeprefix("/reviews/"), request)

    def _page(self, request: Request, marker: str) -> tuple[list[str], str | None]:
        after = request.parameters.get(marker, "")
        prefix = request.parameters.get("prefix", "")
        names = [name for name in sorted(self.objects) if name.startswith(prefix) and name > after]
        return names[:PAGE], names[PAGE - 1] if len(names) > PAGE else None

    def _google_list(self, request: Request) -> Answer:
        names, following = self._page(request, "pageToken")
        more = {"nextPageToken": following} if following else {}
        return Answer({"items": [self._google_item(name) for name in names], **more})

    def _google_item(self, name: str) -> dict[str, str]:
        found = self.objects[name]
        described = {"name": name, "generation": str(found.version), "size": str(len(found.content))}
        if found.stated is None:
            return described
        checksum = google_crc32c.Checksum(found.stated).digest()
        return {**described, "crc32c": base64.b64encode(checksum).decode()}

    def _google_object(self, name: str, request: Request) -> Answer:
        if request.parameters.get("alt") != "media":
            known = name in self.objects
            return Answer(self._google_item(name)) if known else Answer({"error": {}}, status=404)
        self.on_read(name)
        found = self.objects.get(name)
        if found is None:
            return Answer({"error": {}}, status=404)
        if request.parameters.get("ifGenerationMatch") != str(found.version):
            return Answer({"error": {"code": 412}}, status=412)
        return _range(found, request.headers["range"], self._is_cut())

    def _is_cut(self) -> bool:
        self.cut_in -= 1
        return self.cut_in == 0

    def _azure_list(self, request: Request) -> Answer:
        names, following = self._page(request, "marker")
        blobs = "".join(map(self._azure_item, names))
        body = (
            '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="reviews">'
            f"<Prefix>{escape(request.parameters.get('prefix', ''))}</Prefix><Blobs>{blobs}</Blobs>"
            f"<NextMarker>{escape(following or '')}</NextMarker></EnumerationResults>"
        )
        return Answer(body.encode(), headers={"Content-Type": "application/xml"})

    def _azure_item(self, name: str) -> str:
        found = self.objects[name]
        checksum = "" if found.stated is None else f"<Content-MD5>{_md5(found.stated)}</Content-MD5>"
        return (
            f"<Blob><Name>{escape(name)}</Name><Properties><Last-Modified>{_TIME}</Last-Modified>"
            f"<Etag>0x{found.version:X}</Etag><Content-Length>{len(found.content)}</Content-Length>{checksum}"
            "<BlobType>BlockBlob</BlobType></Properties></Blob>"
        )

    def _azure_object(self, name: str, request: Request) -> Answer:
        reads = "x-ms-range" in request.headers
        if reads:
            self.on_read(name)
        found = self.objects.get(name)
        if found is None:
            return _refusal(404, "BlobNotFound")
        tag = f'"0x{found.version:X}"'
        if request.headers.get("if-match", tag) != tag:
            return _refusal(412, "ConditionNotMet")
        headers = {"ETag": tag, "Last-Modified": _TIME, "x-ms-blob-type": "BlockBlob"}
        if not reads:
            stated = {} if found.stated is None else {"Content-MD5": _md5(found.stated)}
            return Answer(found.content, headers=headers | stated)
        answer = _range(found, request.headers["x-ms-range"], self._is_cut())
        if request.headers.get("x-ms-range-get-content-md5") == "true":
            headers["Content-MD5"] = _md5(answer.content())
        return Answer(answer.body, answer.status, {**answer.headers, **headers})


def _range(found: Stored, asked: str, cut: bool) -> Answer:
    first, last = (int(text) for text in asked.removeprefix("bytes=").split("-"))
    size = len(found.content)
    last = min(last, size - 1)
    headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Type": "application/octet-stream"}
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    content = found.content[first : last + 1]
    if cut:
        return Answer(content[: len(content) // 2], 206, headers, announced=len(content))
    return Answer(content, status=206, headers=headers)


def _refusal(status: int, code: str) -> Answer:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>no</Message></Error>'
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    return Answer(body.encode(), status, headers)


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


@dataclass
class MemoryRaw:
    """The raw bucket, and the items of the ledger table; both can end the run before or after a write."""

    versions: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    items: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    kill_in: int | None = None
    performed: bool = False

    def version(self, key: str) -> str | None:
        found = self.versions.get(key)
        return found[-1][0] if found else None

    def put(self, key: str, found: SourceObject, stream: CheckedStream) -> None:
        pieces = []
        while piece := stream.read(1_000):
            pieces.append(piece)
        content = b"".join(pieces)
        self._write(lambda: self.versions.setdefault(key, []).append((found.version, content)))

    def load(self) -> Iterator[tuple[int, int, bytes]]:
        return iter([(number, *item) for number, item in self.items.items()])

    def save(self, number: int, revision: int, content: bytes) -> None:
        if self.items.get(number, (0, b""))[0] != revision - 1:
            raise OvertakenError
        self._write(lambda: self.items.__setitem__(number, (revision, content)))

    def _write(self, action: Callable[[], Any]) -> None:
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in == 0:
                self.kill_in = None
                if self.performed:
                    action()
                raise KilledError
        action()

    def contents(self) -> dict[str, bytes]:
        """The newest content below each key."""
        return {key: versions[-1][1] for key, versions in self.versions.items()}

    def copies(self) -> int:
        """Object versions that were stored."""
        return sum(map(len, self.versions.values()))


@dataclass
class Direct:
    """Reads the container without a server."""

    container: Container

    def pages(self) -> Iterator[list[SourceObject]]:
        yield from ([found] for name in sorted(self.container.objects) if (found := self.current(name)))

    def current(self, name: str) -> SourceObject | None:
        found = self.container.objects.get(name)
        if found is None:
            return None
        checksum = google_crc32c.Checksum(found.content).digest()
        return SourceObject(name, str(found.version), len(found.content), "crc32c", checksum)

    def chunks(self, found: SourceObject) -> Iterator[bytes]:
        yield self.container.objects[found.name].content


def contract(service: Service = "azure", **more: Any) -> ObjectsContract:
    """A contract for the container."""
    return ObjectsContract.of(
        {
            "connector": "files",
            "source": "native",
            "service": service,
            "address": "https://storage.example",
            "objects": {"container": "reviews"},
            **more,
        }
    )


def source(of: ObjectsContract, address: str, secret: dict[str, str] | None = None) -> ObjectSource:
    """What reads it, without pauses between repeated calls."""
    if of.service == "azure":
        return AzureObjects(of, secret or {}, address=address, backoff=0)
    return GcsObjects(of, secret or {}, address=address, backoff=0.01)


def copy(of: ObjectsContract, address: str, raw: MemoryRaw, spend: Budget | None = None) -> dict[str, Any]:
    """One call of the function."""
    return Copying(of, source(of, address), raw, Copied(raw), spend or budget()).run()


def expected(container: Container) -> dict[str, bytes]:
    """Copies of all its objects, by their keys."""
    return {f"{BELOW}{name}": found.content for name, found in container.objects.items()}
