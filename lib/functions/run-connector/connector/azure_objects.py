"""Objects of a container of Azure Blob Storage, by Microsoft's client."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobProperties, ContainerClient, ExponentialRetry

from connector.objects_contract import ObjectsContract
from connector.objects_errors import of_status, untrusted
from connector.objects_source import ChangedError, DifferentError, SourceObject, UnreadableError
from connector.secret_fields import require

# Of a service principal, and of a shared access signature.
_PRINCIPAL = ("tenantId", "clientId", "clientSecret")
_SIGNATURE = ("sasToken",)

_TIMEOUT_SECONDS = 60
_RETRIES = 4
_CHUNK_BYTES = 8 * 1024**2
# The service gives checksums of ranges up to this size. "Get Blob", Azure Storage REST API.
_CHECKED_CHUNK_BYTES = 4 * 1024**2
_GONE, _MODIFIED, _CONFLICT = 404, 412, 409


class AzureObjects:
    """The container of a contract.

    address: what stands in place of the contract's own, on one machine.
    backoff: pause before a call is repeated, longer each time (seconds); 0 for none.
    """

    def __init__(
        self,
        contract: ObjectsContract,
        secret: Mapping[str, str],
        *,
        address: str | None = None,
        backoff: int = 2,
    ) -> None:
        self._contract = contract
        retry = ExponentialRetry(
            initial_backoff=backoff,
            increment_base=3 if backoff >= 1 else 0,
            retry_total=_RETRIES,
            random_jitter_range=0,
        )
        options = {
            "credential": _credential(contract, secret),
            "retry_policy": retry,
            "connection_timeout": _TIMEOUT_SECONDS,
            "read_timeout": _TIMEOUT_SECONDS,
        }
        place = (address or contract.address, contract.container)
        self._container, self._checked = (
            ContainerClient(*place, max_single_get_size=size, max_chunk_get_size=size, **options)
            for size in (_CHUNK_BYTES, _CHECKED_CHUNK_BYTES)
        )

    def pages(self) -> Iterator[Sequence[SourceObject]]:
        """All objects below the prefix, in pages of up to 5,000."""
        with self._translated():
            for page in self._container.list_blobs(name_starts_with=self._contract.prefix or None).by_page():
                yield [_found(blob) for blob in page]

    def current(self, name: str) -> SourceObject | None:
        """An object as it is now; None where it is gone."""
        with self._translated():
            try:
                return _found(self._container.get_blob_client(name).get_blob_properties())
            except HttpResponseError as error:
                if error.status_code == _GONE and error.error_code == "BlobNotFound":  # type: ignore[attr-defined]
                    return None
                # An answer to HEAD has no body, and not always a code.
                if error.status_code == _GONE and self._container.exists():
                    return None
                raise

    def chunks(self, found: SourceObject) -> Iterator[bytes]:
        """The content of this version.

        Where the whole has no checksum, each range is held to one of its own.
        """
        with self._translated():
            try:
                if found.checksum is None:
                    yield from self._checked_chunks(found)
                else:
                    yield from (
                        self._container.get_blob_client(found.name).download_blob(**_at(found)).chunks()
                    )
            except HttpResponseError as error:
                code = error.error_code  # type: ignore[attr-defined]
                if error.status_code == _MODIFIED or (error.status_code == _GONE and code == "BlobNotFound"):
                    raise ChangedError from None
                if error.status_code == _CONFLICT:
                    raise UnreadableError(
                        f"it cannot be read ({code}); bring an archived one back to an online tier"
                    ) from None
                raise

    def _checked_chunks(self, found: SourceObject) -> Iterator[bytes]:
        """Not by the client's own check, after which it gives no bytes if it must not decompress them."""
        stated: list[str | None] = [None]

        def note(response: Any) -> None:
            stated[0] = response.http_response.headers.get("Content-MD5")

        asked: dict[str, Any] = {"headers": {"x-ms-range-get-content-md5": "true"}, "raw_response_hook": note}
        blob = self._checked.get_blob_client(found.name)
        for chunk in blob.download_blob(**_at(found), **asked).chunks():
            digest = hashlib.md5(chunk, usedforsecurity=False).digest()
            if stated[0] is None or base64.b64decode(stated[0]) != digest:
                raise DifferentError
            yield chunk

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ClientAuthenticationError as error:
            # A token that is not given has an answer of another service, or none.
            raise of_status(self._contract, error.status_code or 401) from None
        except HttpResponseError as error:
            raise of_status(self._contract, error.status_code) from None
        except AzureError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise untrusted(self._contract) from None
            raise of_status(self._contract, None) from None


def _at(found: SourceObject) -> dict[str, Any]:
    """Parameters of a download: this version or none, and its bytes as they are stored."""
    return {
        "etag": f'"{found.version}"',
        "match_condition": MatchConditions.IfNotModified,
        # Whatever Content-Encoding says of them.
        "decompress": False,
    }


def _credential(contract: ObjectsContract, secret: Mapping[str, str]) -> Any:
    if contract.authentication is None:
        return None
    needed = _PRINCIPAL if contract.authentication["type"] == "service-principal" else _SIGNATURE
    require(contract.name, contract.authentication["secret"], {name: secret.get(name) for name in needed})
    values = [secret[name] for name in needed]
    return ClientSecretCredential(*values) if needed is _PRINCIPAL else values[0].removeprefix("?")


def _found(blob: BlobProperties) -> SourceObject:
    checksum = blob.content_settings.content_md5
    return SourceObject(
        # A listing gives the tag without quotes, an answer about one object with them.
        *(blob.name, (blob.etag or "").strip('"'), blob.size or 0),
        algorithm="md5",
        checksum=bytes(checksum) if checksum else None,
    )
