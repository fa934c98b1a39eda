"""Objects of a container of Azure Blob Storage, by Microsoft's client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobProperties, ContainerClient, ExponentialRetry

from connector.objects_contract import ObjectsContract
from connector.objects_errors import incomplete, of_status, untrusted
from connector.objects_source import ChangedError, SourceObject, UnreadableError

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
            "max_single_get_size": _CHUNK_BYTES,
        }
        place = (address or contract.address, contract.container)
        self._container = ContainerClient(*place, max_chunk_get_size=_CHUNK_BYTES, **options)
        self._checked = ContainerClient(*place, max_chunk_get_size=_CHECKED_CHUNK_BYTES, **options)

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

        Where the whole has no checksum, the client compares each range with one of its own.
        """
        whole = found.checksum is not None
        container = self._container if whole else self._checked
        with self._translated():
            try:
                stream = container.get_blob_client(found.name).download_blob(
                    etag=f'"{found.version}"',
                    match_condition=MatchConditions.IfNotModified,
                    validate_content=not whole,
                    # The bytes as they are stored, whatever Content-Encoding says of them.
                    decompress=False,
                )
                yield from stream.chunks()
            except HttpResponseError as error:
                code = error.error_code  # type: ignore[attr-defined]
                if error.status_code == _MODIFIED or (error.status_code == _GONE and code == "BlobNotFound"):
                    raise ChangedError from None
                if error.status_code == _CONFLICT:
                    raise UnreadableError(
                        f"it cannot be read ({code}); bring an archived one back to an online tier"
                    ) from None
                raise

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


def _credential(contract: ObjectsContract, secret: Mapping[str, str]) -> Any:
    if contract.authentication is None:
        return None
    needed = _PRINCIPAL if contract.authentication["type"] == "service-principal" else _SIGNATURE
    missing = tuple(name for name in needed if not secret.get(name))
    if missing:
        raise incomplete(contract, missing)
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
