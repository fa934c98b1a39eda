"""Objects of both services on a server with faults: nothing half, nothing twice, and what is said of it."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from connector import copying
from connector.copied import Copied
from connector.errors import ConnectorError, OvertakenError, SourceUnavailableError
from connector.objects_contract import Service
from containers import BELOW, Container, Direct, MemoryRaw, contract, copy, expected, source
from hypothesis import given, settings
from hypothesis import strategies as st
from lists import budget
from local_sources.server import Server
from local_sources.service import Answer
from memory_store import KilledError

TOKEN = "do-not-show-me"  # noqa: S105 (made up)


FAULTS = {
    "500": Answer({"error": {}}, status=500),
    "503": Answer({"error": {}}, status=503),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", range(6))
def test_one_failing_call_is_repeated(
    cloud: Server, container: Container, service: Service, fault: str, call: int
) -> None:
    raw = MemoryRaw()
    cloud.faults.extend([*[None] * call, FAULTS[fault]])
    # A listing that is cut off is not repeated by every client: the next run lists again.
    with contextlib.suppress(SourceUnavailableError):
        copy(contract(service), cloud.address, raw)
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)
    assert raw.copies() == 7


@pytest.mark.parametrize("reading", range(1, 9))
@pytest.mark.parametrize("stated", [True, False])
def test_a_reading_that_is_cut_off_is_made_again(
    cloud: Server, container: Container, service: Service, reading: int, stated: bool
) -> None:
    raw = MemoryRaw()
    # Two ranges, with and without a checksum of the whole.
    container.put("day 1/large", b"large" * 2 * 1024**2, **({} if stated else {"stated": None}))
    container.cut_in = reading
    with contextlib.suppress(SourceUnavailableError):
        copy(contract(service), cloud.address, raw)
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)
    assert raw.copies() == 8


def test_a_listing_that_is_cut_off_is_made_again_or_ends_the_run(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    cloud.faults.append(Answer(b"<", announced=100))
    with contextlib.suppress(SourceUnavailableError):
        copy(contract(service), cloud.address, raw)
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)


@pytest.mark.parametrize("status", [429, 500])
def test_a_service_that_goes_on_failing_ends_the_run_and_is_asked_again_later(
    cloud: Server, container: Container, service: Service, status: int
) -> None:
    raw = MemoryRaw()
    cloud.faults.extend([None, *[Answer({"error": {}}, status=status)] * 1_000])
    with pytest.raises(SourceUnavailableError, match="asked again later"):
        copy(contract(service), cloud.address, raw)
    cloud.faults.clear()
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)


def test_an_object_that_changes_after_the_listing_is_read_as_it_is_then(
    cloud: Server, container: Container, service: Service
) -> None:
    changes = iter([b"second"])

    def change(name: str) -> None:
        if name == "page" and (content := next(changes, None)):
            container.put(name, content)

    container.put("page", b"first")
    container.on_read = change
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    assert [content for _, content in raw.versions[f"{BELOW}page"]] == [b"second"]


def test_an_object_that_changes_in_the_middle_of_its_copy_is_never_mixed(
    cloud: Server, container: Container, service: Service
) -> None:
    size = 20 * 1024**2
    reads = itertools.count()

    def change(name: str) -> None:
        if name == "page" and next(reads) == 1:
            container.put(name, b"b" * size)

    container.put("page", b"a" * size)
    container.on_read = change
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    assert [content[:1] + content[-1:] for _, content in raw.versions[f"{BELOW}page"]] == [b"bb"]


def test_an_object_that_changes_all_the_time_keeps_no_other_from_being_copied(
    cloud: Server, container: Container, service: Service
) -> None:
    def change(name: str) -> None:
        if name == "day 1/busy":
            container.put(name, b"new")

    others = expected(container)
    container.put("day 1/busy", b"old")
    container.on_read = change
    raw = MemoryRaw()
    with pytest.raises(SourceUnavailableError, match='"day 1/busy": it changes faster than it can be read'):
        copy(contract(service), cloud.address, raw)
    assert raw.contents() == others


def test_an_object_that_is_deleted_after_the_listing_is_no_failure(
    cloud: Server, container: Container, service: Service
) -> None:
    others = expected(container)
    container.put("day 1/gone", b"old")
    container.on_read = lambda name: name == "day 1/gone" and container.objects.pop(name, None)  # type: ignore[assignment,func-returns-value]
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == others


def test_an_object_that_differs_from_its_checksum_is_not_stored_and_all_others_are(
    cloud: Server, container: Container, service: Service
) -> None:
    others = expected(container)
    container.put("day 1/broken", b"what is read", stated=b"what was written")
    raw = MemoryRaw()
    with pytest.raises(ConnectorError, match='"day 1/broken": its content has not the checksum'):
        copy(contract(service), cloud.address, raw)
    assert raw.contents() == others


def test_a_name_too_long_for_a_key_fails_alone(cloud: Server, container: Container, service: Service) -> None:
    others = expected(container)
    container.put("0" * 1_010, b"{}")
    raw = MemoryRaw()
    with pytest.raises(ConnectorError, match="longer than 1024 bytes; shorten the name"):
        copy(contract(service), cloud.address, raw)
    assert raw.contents() == others


def test_an_object_that_may_not_be_read_fails_alone(
    cloud: Server, container: Container, service: Service
) -> None:
    cloud.faults.extend([None, Answer({"error": {}}, status=403)])
    raw = MemoryRaw()
    with pytest.raises(
        ConnectorError, match="has 1 objects that cannot be copied, which keeps no other from it"
    ):
        copy(contract(service), cloud.address, raw)
    assert raw.copies() == 6


def test_an_object_that_is_too_large_for_any_call_is_not_begun(
    cloud: Server, container: Container, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = expected(container)
    container.put("huge", b"x" * 1_001)
    monkeypatch.setattr(copying, "LARGEST", 1_000)
    raw = MemoryRaw()
    with pytest.raises(ConnectorError, match='"huge": with 1,001 bytes it is larger than 1,000; divide it'):
        copy(contract(service), cloud.address, raw)
    assert raw.contents() == others
    assert all(not call.path.endswith("huge") for call in cloud.calls)


def test_a_broken_object_ends_no_first_load_whose_calls_go_on(
    cloud: Server, container: Container, service: Service
) -> None:
    others = expected(container)
    container.put("a broken one", b"what is read", stated=b"what was written")
    raw, calls = MemoryRaw(), 0
    with pytest.raises(ConnectorError, match="a broken one"):
        while calls < 20:
            left = iter([1] * 14)
            spend = budget(seconds_left=lambda left=left: next(left, 0))  # type: ignore[misc]
            assert copy(contract(service), cloud.address, raw, spend)["next"] == 0
            calls += 1
    assert calls > 0
    assert raw.contents() == others


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, 'refuses the credentials.*renew the secret "keys"'),
        (403, 'does not let these credentials read.*renew the secret "keys"'),
        (404, 'is not there.*"address" and "container"'),
    ],
)
def test_a_refused_listing_says_what_to_renew_and_shows_no_login(
    cloud: Server, status: int, says: str
) -> None:
    of = contract(authentication={"type": "sas", "secret": "keys"})
    cloud.faults.extend([Answer(b"", status=status)] * 9)
    with pytest.raises(ConnectorError, match=says) as caught:
        list(source(of, cloud.address, {"sasToken": f"sig={TOKEN}"}).pages())
    assert TOKEN not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("of", "secret", "lacks"),
    [
        (contract(authentication={"type": "sas", "secret": "keys"}), {}, "sasToken"),
        (
            contract(authentication={"type": "service-principal", "secret": "keys"}),
            {"tenantId": "t", "clientSecret": TOKEN},
            "clientId",
        ),
        (
            contract("gcs", authentication={"type": "service-account", "secret": "keys"}),
            {"client_email": "a@b.example", "token_uri": "https://login.example"},
            "private_key",
        ),
    ],
)
def test_a_secret_that_lacks_something_is_named(of: Any, secret: dict[str, str], lacks: str) -> None:
    with pytest.raises(ConnectorError, match=f'the secret "keys" holds no {lacks}; store it') as caught:
        source(of, "https://storage.example", secret)
    assert TOKEN not in str(caught.value)


def test_a_key_that_cannot_be_read_is_not_shown() -> None:
    of = contract("gcs", authentication={"type": "service-account", "secret": "keys"})
    secret = {
        "client_email": "a@b.example",
        "token_uri": "https://login.example",
        "private_key": TOKEN,
    }
    with pytest.raises(ConnectorError, match="holds no key that can be read") as caught:
        source(of, "https://storage.example", secret)
    assert TOKEN not in str(caught.value)


def test_a_run_ends_with_its_limit_and_the_next_one_goes_on(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    first = copy(contract(service), cloud.address, raw, budget(calls=4))
    assert (first["objects"], first["callsSpent"], "next" in first) == (4, True, False)
    assert copy(contract(service), cloud.address, raw)["objects"] == 3
    assert raw.copies() == 7


def test_a_call_whose_time_is_over_is_followed_by_another(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    left = iter([1] * 10)
    outcome = copy(contract(service), cloud.address, raw, budget(seconds_left=lambda: next(left, 0)))
    assert outcome["next"] == 0
    assert 0 < outcome["objects"] < 7
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)
    assert raw.copies() == 7


def test_an_object_that_takes_longer_than_a_call_comes_last_and_fails_alone(
    cloud: Server, container: Container, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = expected(container)
    container.put("a huge one", b"x" * 1_000)
    monkeypatch.setattr(copying, "LARGE", 999)
    raw = MemoryRaw()
    copied = 0

    def left() -> float:
        reading = "a huge one" in cloud.calls[-1].path
        return 0 if reading else 1

    # The first call copies all others, the second has nothing but the large one.
    for _ in range(2):
        with contextlib.suppress(ConnectorError):
            copied += copy(contract(service), cloud.address, raw, budget(seconds_left=left))["objects"]
    assert (copied, raw.contents()) == (7, others)
    with pytest.raises(ConnectorError, match="with 1,000 bytes it takes longer than a call of the function"):
        copy(contract(service), cloud.address, raw, budget(seconds_left=left))


def test_two_runs_at_a_time_notice_each_other(cloud: Server, container: Container, service: Service) -> None:
    raw = MemoryRaw()
    of = contract(service)
    older = copying.Copying(of, source(of, cloud.address), raw, Copied(raw), budget())
    copy(of, cloud.address, raw)
    container.put("day 1/é&<1>.jsonl", b"changed")
    with pytest.raises(OvertakenError):
        older.run()
    copy(of, cloud.address, raw)
    assert raw.contents() == expected(container)


@settings(max_examples=200, deadline=None)
@given(kills=st.lists(st.tuples(st.integers(1, 14), st.booleans()), max_size=6), changed=st.integers(0, 6))
def test_killed_runs_copy_nothing_twice_and_miss_nothing(kills: list[tuple[int, bool]], changed: int) -> None:
    of, raw, container = contract(), MemoryRaw(), Container()
    for number in range(7):
        container.put(f"day {number}", f"review {number}".encode())

    def run() -> None:
        copying.Copying(of, Direct(container), raw, Copied(raw), budget()).run()

    for number, (kill_in, performed) in enumerate(kills):
        raw.kill_in, raw.performed = kill_in, performed
        with contextlib.suppress(KilledError):
            run()
        raw.kill_in = None
        if number == len(kills) // 2:
            container.put(f"day {changed}", b"changed")
    run()
    assert raw.contents() == expected(container)
    for versions in raw.versions.values():
        assert len({version for version, _ in versions}) == len(versions)
    assert len(Copied(raw)) == 7
