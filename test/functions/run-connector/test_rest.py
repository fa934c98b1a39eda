"""The REST source against a real server: paging, logging in, faults, and what it says of them."""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from connector.contract import Contract
from connector.errors import ConnectorError, SourceUnavailableError
from connector.rest import RestSource
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lists import PAGINATIONS, Lists, budget, contract, record
from local_sources.app_store import AppStore
from local_sources.business_profile import BusinessProfile
from local_sources.reviews import app_store_review, business_review
from local_sources.server import Server
from local_sources.service import Answer, Record, Request, Service

SECRET = "do-not-show-me"  # noqa: S105 (made up)
BEARER = {"type": "bearer", "secret": "shop"}
OAUTH = {
    "type": "oauth2",
    "secret": "shop",
    "tokenAddress": "https://login.shop.example/token",
    "grant": "client_credentials",
}


@pytest.fixture
def lists() -> Lists:
    return Lists([record(number) for number in range(35)])


@pytest.fixture
def server(lists: Lists) -> Iterator[Server]:
    started = Server(lists)
    started.start()
    yield started
    started.stop()


def read(server: Server, of: Contract, secret: dict[str, str] | None = None) -> list[Any]:
    source = RestSource(of, secret or {}, budget(), address=server.address, backoff=0)
    return [found for page in source.pages(of.streams[0], None, None) for found in page.records]


@pytest.mark.parametrize("way", PAGINATIONS)
def test_every_way_of_paging_gives_each_record_once_and_in_order(
    server: Server, lists: Lists, way: str
) -> None:
    assert read(server, contract(way)) == lists.records


@pytest.mark.parametrize("way", [way for way in PAGINATIONS if way != "single"])
def test_a_position_goes_on_behind_the_page_that_it_came_with(server: Server, lists: Lists, way: str) -> None:
    of = contract(way)
    source = RestSource(of, {}, budget(), address=server.address, backoff=0)
    first = next(source.pages(of.streams[0], None, None))
    rest = [found for page in source.pages(of.streams[0], None, first.position) for found in page.records]
    assert first.records + rest == lists.records


@pytest.mark.parametrize(
    "fault",
    [
        Answer(b"", status=429, headers={"Retry-After": "0"}),
        Answer(b"", status=500),
        Answer(b"", status=503),
        Answer(b'{"items": [{"id"', announced=10_000),
    ],
    ids=["429", "500", "503", "cut connection"],
)
def test_a_fault_that_passes_costs_no_record(server: Server, lists: Lists, fault: Answer) -> None:
    server.faults.extend([None, fault, fault, None, fault])
    assert read(server, contract()) == lists.records


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Answer(b"", status=429), "allows no more calls for now; it is asked again later."),
        (Answer(b"", status=502), "fails with status 502; it is asked again later."),
        (Answer(b"{", announced=100), "cannot be reached or broke off 5 times; it is asked again later."),
    ],
)
def test_a_fault_that_stays_is_left_to_a_later_call(server: Server, fault: Answer, sentence: str) -> None:
    server.faults.extend([fault] * 5)
    with pytest.raises(SourceUnavailableError) as raised:
        read(server, contract())
    assert str(raised.value) == f"Connector shop: api.shop.example {sentence}"


def test_a_pause_that_the_source_asks_for_is_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    server.faults.append(Answer(b"", status=429, headers={"Retry-After": "7"}))
    read(server, contract())
    assert pauses == [7]


@pytest.mark.parametrize(
    ("more", "answer", "sentence"),
    [
        (
            {"authentication": BEARER},
            Answer(b"", status=401),
            'refuses the credentials (status 401); renew the secret "shop".',
        ),
        (
            {},
            Answer(b"", status=403),
            'refuses the call (status 403); see whether it wants a login now: "authentication".',
        ),
        (
            {},
            Answer(b"", status=404),
            'answers with status 404; see whether "address" and "request" are what its documentation says.',
        ),
        (
            {},
            Answer(b"", status=302, headers={"Location": "https://elsewhere.example/"}),
            'answers with status 302; see whether "address" and "request" are what its documentation says.',
        ),
        ({}, Answer(b"<html>"), 'gives an answer that is no JSON; see whether "request" asks for JSON.'),
        (
            {},
            Answer({"data": []}),
            'gives an answer without a list at "items"; see whether "records" is still where its '
            "documentation says.",
        ),
        (
            {"success": {"ok": True}},
            Answer({"items": [], "ok": False}),
            'gives an answer without "ok": True, which a good one has; see whether the values of "each" and '
            '"request" are right.',
        ),
        (
            {"pagination": PAGINATIONS["next-url"]},
            Answer({"items": [], "next": "https://elsewhere.example/items"}),
            'names a next page on another host, elsewhere.example; credentials go to the "address" of the '
            "contract only: change it if the API has moved.",
        ),
        (
            {},
            Answer({"items": [record(1)], "next": "again"}),
            'names a next page that has been read already, so it would never end; see whether "pagination" '
            "still says how its pages follow each other.",
        ),
    ],
    ids=[
        "wrong credentials",
        "login wanted",
        "no such path",
        "redirect",
        "no JSON",
        "no list",
        "error with status 200",
        "other host",
        "endless pages",
    ],
)
def test_what_a_person_must_change_is_said_at_once_and_without_the_secret(
    server: Server, more: dict[str, Any], answer: Answer, sentence: str
) -> None:
    server.faults.extend([answer] * 3)
    with pytest.raises(ConnectorError) as raised:
        read(server, contract(**more), {"token": SECRET})
    assert str(raised.value) == f"Connector shop: api.shop.example {sentence}"
    # The third call is that of the page that repeats.
    assert len(server.calls) <= 2


def test_no_server_at_all_is_left_to_a_later_call(server: Server) -> None:
    server.stop()
    with pytest.raises(SourceUnavailableError, match="cannot be reached"):
        read(server, contract())


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_that_cannot_be_trusted_is_not_asked_twice(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    file = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = Server(lists, certificate=context)
    server.start()
    of = contract("single")
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    counted = budget()
    source = RestSource(of, {}, counted, address=server.address, backoff=0)
    pages = source.pages(of.streams[0], None, None)
    if trusted:
        assert [found for page in pages for found in page.records] == lists.records
    else:
        with pytest.raises(ConnectorError, match="shows a certificate that cannot be trusted; see whether"):
            next(pages)
    assert counted.calls == 1
    server.stop()


@pytest.mark.parametrize(
    ("authentication", "secret", "shown"),
    [
        (BEARER, {"token": SECRET}, lambda call: call.headers.get("authorization") == f"Bearer {SECRET}"),
        (
            {"type": "api-key", "secret": "shop", "name": "X-Key", "in": "header"},
            {"key": SECRET},
            lambda call: call.headers.get("x-key") == SECRET,
        ),
        (
            {"type": "api-key", "secret": "shop", "name": "key", "in": "query"},
            {"key": SECRET},
            lambda call: call.parameters.get("key") == SECRET,
        ),
    ],
)
def test_each_call_shows_who_asks(
    server: Server, authentication: dict[str, str], secret: dict[str, str], shown: Any
) -> None:
    read(server, contract(authentication=authentication), secret)
    assert len(server.calls) == 4
    assert all(shown(call) for call in server.calls)


def test_a_key_that_the_source_repeats_in_its_urls_is_not_kept(lists: Lists) -> None:
    def repeating(request: Request) -> Answer:
        return Answer({"items": [record(1)], "next": f"/next-url?key={request.parameters['key']}&after=10"})

    authentication = {"type": "api-key", "secret": "shop", "name": "key", "in": "query"}
    of = contract("next-url", authentication=authentication)
    with _serving(repeating) as server:
        source = RestSource(of, {"key": SECRET}, budget(), address=server.address, backoff=0)
        position = next(source.pages(of.streams[0], None, None)).position
    assert position is not None
    assert "after=10" in position["url"]
    assert SECRET not in str(position)


def test_a_token_is_asked_for_once_and_used_for_all_pages() -> None:
    location = "accounts/1/locations/2"
    reviews = [business_review(location, number) for number in range(120)]
    with _serving(BusinessProfile({location: reviews}, SECRET)) as server:
        found = read(server, _business_profile(), _profile_secret(SECRET))
        assert sorted(review["reviewId"] for review in found) == [review["reviewId"] for review in reviews]
        assert [call.path for call in server.calls].count("/token") == 1
        assert len(server.calls) == 4


def test_a_refused_token_is_said_without_the_secret() -> None:
    with (
        _serving(BusinessProfile({}, "another")) as server,
        pytest.raises(ConnectorError) as raised,
    ):
        read(server, _business_profile(), _profile_secret(SECRET))
    assert str(raised.value) == (
        "Connector business-profile: no access token is given for the credentials (status 400); "
        'renew the secret "google-business-profile".'
    )


def test_client_credentials_are_sent_to_the_address_of_tokens_only(lists: Lists) -> None:
    def tokens(request: Request) -> Answer | None:
        return Answer({"access_token": "t", "expires_in": 3600}) if request.path == "/token" else None

    secret = {"clientId": "me", "clientSecret": SECRET}
    with _serving(tokens, lists) as server:
        assert read(server, contract(authentication=OAUTH), secret) == lists.records
        first, *others = server.calls
        assert first.form == {"client_id": "me", "client_secret": SECRET, "grant_type": "client_credentials"}
        assert all(call.headers["authorization"] == "Bearer t" for call in others)
        assert SECRET not in str(others)


def test_a_secret_that_lacks_something_is_said_before_any_call(server: Server) -> None:
    with pytest.raises(ConnectorError, match='the secret "shop" holds no clientSecret; store it as JSON'):
        read(server, contract(authentication=OAUTH), {"clientId": "me"})
    assert server.calls == []


def test_pages_end_with_the_last_one_that_the_api_gives(server: Server, lists: Lists) -> None:
    for way in ("page", "page-in-path"):
        of = contract(way, pagination={**PAGINATIONS[way], "last": 2})
        assert read(server, of) == lists.records[:20]


def test_one_record_may_stand_in_place_of_the_list(server: Server) -> None:
    server.faults.append(Answer({"items": record(1)}))
    assert read(server, contract("single", oneRecordStandsAlone=True)) == [record(1)]
    server.faults.append(Answer({"items": record(1)}))
    with pytest.raises(ConnectorError, match='without a list at "items"'):
        read(server, contract("single"))


@pytest.mark.parametrize("count", [0, 1, 50, 130, 700])
def test_the_app_store_gives_its_newest_500_reviews(count: int) -> None:
    of = _contract_of("app-store", "900000001")
    reviews = [app_store_review("900000001", number) for number in range(count)]
    with _serving(AppStore({"900000001": reviews})) as store:
        assert read(store, of) == reviews[::-1][:500]
    assert all(of.cursor and of.cursor.value(review) for review in reviews)


def test_a_record_of_20_megabytes_passes(server: Server, lists: Lists) -> None:
    lists.records = [record(1, text="x" * 20_000_000)]
    assert read(server, contract()) == lists.records


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (record(1, text="x" * 24_000_000), "is larger than 24 MB"),
        (record(1, parts=[{"a": 1}] * 2_000_000), "has too many parts for the function's memory"),
    ],
    ids=["large", "of many parts"],
)
def test_an_answer_that_does_not_fit_into_the_memory_is_refused(
    server: Server, lists: Lists, found: Record, what: str
) -> None:
    lists.records = [found]
    with pytest.raises(ConnectorError, match=f"gives an answer that {what}; ask for fewer records per call"):
        read(server, contract())


def test_an_answer_is_unpacked_once(server: Server, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    unpack = requests.Response.json
    monkeypatch.setattr(requests.Response, "json", lambda answer: unpacked.append(1) or unpack(answer))
    assert read(server, contract()) == lists.records
    assert len(unpacked) == len(server.calls) > 1


def _serving(*services: Service) -> Any:
    class Serving(Server):
        def __enter__(self) -> Serving:
            self.start()
            return self

        def __exit__(self, *_: object) -> None:
            self.stop()

    return Serving(*services)


def _contract_of(name: str, value: str) -> Contract:
    """A contract of the repository, for one list."""
    contracts = Path(__file__).parents[3] / "contracts" / "connectors"
    document = json.loads((contracts / f"{name}.json").read_text())
    document["each"]["values"] = [value]
    return Contract.of(document)


def _business_profile() -> Contract:
    return _contract_of("business-profile", "accounts/1/locations/2")


def _profile_secret(refresh_token: str) -> dict[str, str]:
    return {"clientId": "me", "clientSecret": "mine", "refreshToken": refresh_token}


def _certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
