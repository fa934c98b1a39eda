"""Objects of a bucket of Google Cloud Storage, by Google's client."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import requests
from google.api_core.exceptions import GoogleAPICallError, NotFound, PreconditionFailed, RetryError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.cloud.storage import Blob, Client
from google.cloud.storage.retry import DEFAULT_RETRY
from google.oauth2.service_account import Credentials

from connector.errors import ConnectorError
from connector.objects_contract import ObjectsContract
from connector.objects_errors import of_status, untrusted
from connector.objects_source import ChangedError, SourceObject
from connector.secret_fields import require

# The client would ask for the bucket's place in the background, for traces that nobody takes, and its login
# would have to allow that.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")

# Of a key file, as Google gives it out.
_FIELDS = ("client_email", "private_key", "token_uri")
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"

_TIMEOUT_SECONDS = (10.0, 60.0)  # to connect, between two bytes
_RETRY_SECONDS = 60.0
_CHUNK_BYTES = 8 * 1024**2
_UNAUTHORIZED = 401


class GcsObjects:
    """The bucket of a contract.

    address: what stands in place of the contract's own, on one machine.
    backoff: pause before a call is repeated, twice as long each time (seconds).
    """

    def __init__(
        self,
        contract: ObjectsContract,
        secret: Mapping[str, str],
        *,
        address: str | None = None,
        backoff: float = 1,
    ) -> None:
        self._contract = contract
        self._retry = DEFAULT_RETRY.with_delay(initial=backoff).with_timeout(_RETRY_SECONDS * min(backoff, 1))
        client = Client(
            # Asked for by buckets that are made, not by those that are read.
            project="none",
            credentials=_credentials(contract, secret),
            client_options={"api_endpoint": address or contract.address},
        )
        self._bucket = client.bucket(contract.container)

    def pages(self) -> Iterator[Sequence[SourceObject]]:
        """All objects below the prefix, in pages of up to 1,000."""
        with self._translated():
            listed = self._bucket.list_blobs(
                prefix=self._contract.prefix or None,
                fields="items(name,generation,size,crc32c),nextPageToken",
                timeout=_TIMEOUT_SECONDS,
                retry=self._retry,
            )
            for page in listed.pages:
                yield [_found(blob) for blob in page]

    def current(self, name: str) -> SourceObject | None:
        """An object as it is now; None where it is gone."""
        with self._translated():
            blob = self._bucket.get_blob(name, timeout=_TIMEOUT_SECONDS, retry=self._retry)
            return None if blob is None else _found(blob)

    def chunks(self, found: SourceObject) -> Iterator[bytes]:
        """The content of this generation."""
        with self._translated():
            try:
                with self._bucket.blob(found.name).open(
                    "rb",
                    chunk_size=_CHUNK_BYTES,
                    if_generation_match=int(found.version),
                    # The bytes as they are stored, whatever Content-Encoding says of them.
                    raw_download=True,
                    timeout=_TIMEOUT_SECONDS,
                    retry=self._retry,
                ) as reader:
                    left = found.size
                    # Not until nothing comes: that would be one more call, and a refused one.
                    while left > 0 and (chunk := reader.read(min(left, _CHUNK_BYTES))):
                        left -= len(chunk)
                        yield chunk
            except (NotFound, PreconditionFailed):
                raise ChangedError from None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except GoogleAPICallError as error:
            raise of_status(self._contract, error.code) from None
        except requests.exceptions.SSLError:
            raise untrusted(self._contract) from None
        except (TransportError, RetryError, requests.RequestException) as error:
            cause = error.cause if isinstance(error, RetryError) else None
            raise of_status(self._contract, getattr(cause, "code", None)) from None
        except RefreshError as error:
            # Whether a token may be given later, the library knows.
            raise of_status(self._contract, None if error.retryable else _UNAUTHORIZED) from None
        except GoogleAuthError:
            raise of_status(self._contract, _UNAUTHORIZED) from None


def _credentials(contract: ObjectsContract, secret: Mapping[str, Any]) -> Any:
    if contract.authentication is None:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    require(contract.name, contract.authentication["secret"], {name: secret.get(name) for name in _FIELDS})
    try:
        return Credentials.from_service_account_info(secret, scopes=[_SCOPE])  # type: ignore[no-untyped-call]
    except ValueError:
        raise ConnectorError(
            f'Connector {contract.name}: the secret "{contract.authentication["secret"]}" holds no key '
            "that can be read; store the key file of a service account as it was given out."
        ) from None


def _found(blob: Blob) -> SourceObject:
    return SourceObject(
        *(blob.name, str(blob.generation), blob.size or 0),
        algorithm="crc32c",
        checksum=base64.b64decode(blob.crc32c) if blob.crc32c else None,
    )
