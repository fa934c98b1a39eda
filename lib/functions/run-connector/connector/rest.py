"""Pages of an API, by dlt's REST client: it pages, logs in, and repeats what is worth repeating."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from dlt.common import jsonpath
from dlt.sources.helpers.requests.retry import Client
from dlt.sources.helpers.rest_client.client import PageData, RESTClient
from requests.adapters import HTTPAdapter

from connector.authentication import login
from connector.budget import Budget
from connector.contract import Contract, Stream
from connector.errors import ConnectorError, SourceUnavailableError
from connector.json_text import memory_of_json
from connector.page import Page
from connector.paging import first_page, paginator
from connector.state import Position

_TIMEOUT_SECONDS = (10.0, 60.0)  # to connect, between two bytes
_ATTEMPTS = 5
# A source that asks for a longer pause gets it from the state machine, which costs nothing while it waits.
_LONGEST_PAUSE_SECONDS = 30
_BUSY, _REFUSED, _SERVER_ERRORS = 429, (401, 403), 500
# An answer, and what its records may take once they are unpacked (bytes). A text with one emoji takes four
# times its size.
_LARGEST_ANSWER = 24_000_000
_MOST_UNPACKED = 200_000_000
_READ_BYTES = 1024**2


class PassingError(Exception):
    """An answer that says, with a good status, what may be over soon; the text is what the source does."""


class Counting(HTTPAdapter):
    """Counts every call, repeated ones too."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    def send(self, *arguments: Any, **named: Any) -> requests.Response:
        """Make the call when it may be made."""
        self._budget.call()
        return super().send(*arguments, **named)


class RestSource:
    """The API of a contract.

    address: what stands in place of the contract's own, on one machine.
    backoff: pause before a call is repeated, twice as long each time (seconds).
    """

    def __init__(
        self,
        contract: Contract,
        secret: Mapping[str, str],
        budget: Budget,
        *,
        address: str | None = None,
        backoff: float = 1,
    ) -> None:
        self._contract = contract
        self._address = address or contract.address
        self._session = self._new_session(budget, backoff)
        auth = login(contract, secret, self._session, address)
        self._client = RESTClient(self._address, auth=auth, session=self._session)

    def pages(self, stream: Stream, since: float | None, position: Position | None) -> Iterator[Page]:
        """The pages of a list from a position on; from the first one where there is none.

        Raises ConnectorError and SourceUnavailableError.
        """
        contract = self._contract
        where = position or self._first(stream, since)
        visited = {_name(where)}
        try:
            for page in self._client.paginate(
                where["url"],
                **self._asked(stream, where),
                data_selector=contract.records,
                hooks={"response": [self._check]},
                allow_redirects=False,
            ):
                following = self._following(page)
                if following is not None and _name(following) in visited:
                    if page:
                        raise self._error(
                            "names a next page that has been read already, so it would never end",
                            'see whether "pagination" still says how its pages follow each other',
                        )
                    following = None
                yield Page(list(page), following)
                if following is None:
                    return
                visited.add(_name(following))
        except requests.exceptions.SSLError as error:
            raise self._error(
                "shows a certificate that cannot be trusted",
                "see whether it has expired or is of another host; the connector never asks without TLS",
            ) from error
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            raise SourceUnavailableError(
                self._sentence(f"cannot be reached or broke off {_ATTEMPTS} times", "it is asked again later")
            ) from error
        except requests.HTTPError as error:
            raise self._unavailable(error.response.status_code) from error
        except PassingError as error:
            raise SourceUnavailableError(self._sentence(str(error), "it is asked again later")) from error

    def _first(self, stream: Stream, since: float | None) -> Position:
        """Where the first page is."""
        path = first_page(self._contract.pagination, stream.path)
        return {"url": f"{self._address}{path}", "params": self._parameters(since)}

    def _asked(self, stream: Stream, where: Position) -> dict[str, Any]:
        """How a page is asked for, in the words of dlt's client."""
        parameters = dict(where["params"])
        goes_on = paginator(self._contract.pagination, parameters, where["url"], stream.path)
        return {"params": parameters, "paginator": goes_on}

    def count(self, _stream: Stream, _highest: float | None) -> None:
        """An API is not asked how many records it has."""

    def verify(self, _stream: Stream) -> None:
        """What was read is all that can be said of it."""

    def _parameters(self, since: float | None) -> dict[str, Any]:
        contract = self._contract
        parameters = {name: self._filled(value, since) for name, value in contract.parameters.items()}
        if "first" in contract.pagination and contract.pagination["type"] == "cursor":
            parameters[contract.pagination["parameter"]] = contract.pagination["first"]
        if since is not None and contract.cursor is not None and contract.cursor.parameter is not None:
            parameters[contract.cursor.parameter] = contract.cursor.text(since)
        return parameters

    def _filled(self, value: Any, since: float | None) -> Any:
        """The value, with the cursor where a query language has it within a text; at first that of all."""
        if not isinstance(value, str) or self._contract.cursor is None:
            return value
        return value.replace("{since}", self._contract.cursor.text(since or 0))

    def _following(self, page: PageData[Any]) -> Position | None:
        """Where the next page is. dlt has prepared its request already."""
        if not page.paginator.has_next_page:
            return None
        url = page.request.url
        if _origin(url) != _origin(self._address):
            raise self._error(
                f"names a next page on another host, {urlsplit(url).hostname}",
                'credentials go to the "address" of the contract only: change it if the API has moved',
            )
        return {"url": self._without_key(url), "params": dict(page.request.params or {})}

    def _without_key(self, url: str) -> str:
        """The URL as it may be kept: some sources repeat the caller's key in it."""
        authentication = self._contract.authentication or {}
        if authentication.get("in") != "query":
            return url
        parts = urlsplit(url)
        kept = [(name, value) for name, value in parse_qsl(parts.query) if name != authentication["name"]]
        return urlunsplit(parts._replace(query=urlencode(kept)))

    def _check(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Tell a good answer from a bad one. An HTTPError is repeated by dlt if that is worth it."""
        status = response.status_code
        if status == _BUSY or status >= _SERVER_ERRORS:
            raise requests.HTTPError(f"status {status}", response=response)
        if status in _REFUSED:
            raise self._refused(status)
        if status != requests.codes.ok:
            raise self._error(
                f"answers with status {status}",
                'see whether "address" and "request" are what its documentation says',
            )
        self._read(response)
        try:
            document = response.json()
        except requests.JSONDecodeError as error:
            raise self._error(
                "gives an answer that is no JSON", 'see whether "request" asks for JSON'
            ) from error
        # dlt would unpack it once for its records and once more for the next page.
        response.json = lambda **_: document  # type: ignore[method-assign]
        self._check_document(document)

    def _read(self, response: requests.Response) -> None:
        """Read the answer, if it and its records fit into the memory."""
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_content(_READ_BYTES):
            pieces.append(piece)
            size += len(piece)
            if size > _LARGEST_ANSWER:
                response.close()
                raise self._too_large(f"is larger than {_LARGEST_ANSWER // 1_000_000} MB")
        response._content = b"".join(pieces)
        if memory_of_json(response.content) > _MOST_UNPACKED:
            raise self._too_large("has too many parts for the function's memory")

    def _too_large(self, what: str) -> ConnectorError:
        return self._error(
            f"gives an answer that {what}",
            'ask for fewer records per call in "request"; a single record of that size cannot be fetched',
        )

    def _check_document(self, document: Any) -> None:
        contract = self._contract
        for name, value in contract.success.items():
            if not isinstance(document, dict) or document.get(name) != value:
                raise self._error(
                    f'gives an answer without "{name}": {value!r}, which a good one has',
                    'see whether the values of "each" and "request" are right',
                )
        found = jsonpath.find_values(contract.records, document)
        if not found and contract.records_may_be_absent:
            return
        if found and isinstance(found[0], dict) and contract.one_record_stands_alone:
            return  # dlt makes a list of it
        if not found or not isinstance(found[0], list):
            raise self._error(
                f'gives an answer without a list at "{contract.records}"',
                'see whether "records" is still where its documentation says',
            )

    def _unavailable(self, status: int) -> SourceUnavailableError:
        what = "allows no more calls for now" if status == _BUSY else f"fails with status {status}"
        return SourceUnavailableError(self._sentence(what, "it is asked again later"))

    def _refused(self, status: int) -> ConnectorError:
        authentication = self._contract.authentication
        if authentication is None:
            return self._error(
                f"refuses the call (status {status})", 'see whether it wants a login now: "authentication"'
            )
        return self._error(
            f"refuses the credentials (status {status})", f'renew the secret "{authentication["secret"]}"'
        )

    def _error(self, what: str, remedy: str) -> ConnectorError:
        return ConnectorError(self._sentence(what, remedy))

    def _sentence(self, what: str, remedy: str) -> str:
        contract = self._contract
        return f"Connector {contract.name}: {urlsplit(contract.address).hostname} {what}; {remedy}."

    def _new_session(self, budget: Budget, backoff: float) -> requests.Session:
        session = Client(
            request_timeout=_TIMEOUT_SECONDS,
            raise_for_status=False,
            # A broken connection is worth another call, a wrong certificate is not.
            exceptions=(requests.Timeout, requests.exceptions.ChunkedEncodingError, PassingError),
            retry_condition=lambda _, error: _is_broken_off(error),
            request_max_attempts=_ATTEMPTS,
            request_backoff_factor=backoff,
            request_max_retry_delay=_LONGEST_PAUSE_SECONDS,
        ).session
        for scheme in ("https://", "http://"):
            session.mount(scheme, Counting(budget))
        return session


def _is_broken_off(error: BaseException | None) -> bool:
    return isinstance(error, requests.ConnectionError) and not isinstance(error, requests.exceptions.SSLError)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _name(position: Position) -> str:
    return json.dumps(position, sort_keys=True)
