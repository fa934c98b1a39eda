"""Objects of both services, on a server with faults: what is copied, and what is said of the rest."""

from __future__ import annotations

import gzip

import pytest
from connector.copied import Copied
from connector.objects_contract import Service
from containers import BELOW, Container, MemoryRaw, contract, copy, expected
from local_sources.server import Server

TOKEN = "do-not-show-me"  # noqa: S105 (made up)


def test_a_first_load_copies_every_object_byte_for_byte_below_its_name(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    outcome = copy(contract(service), cloud.address, raw)
    assert raw.contents() == expected(container)
    assert (outcome["received"], outcome["objects"]) == (7, 7)
    assert outcome["bytes"] == sum(map(len, expected(container).values()))
    assert "next" not in outcome


def test_an_idle_run_lists_and_neither_reads_nor_writes(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    items, calls = dict(raw.items), len(cloud.calls)
    outcome = copy(contract(service), cloud.address, raw)
    assert (outcome["received"], outcome["objects"]) == (7, 0)
    assert (raw.items, raw.copies()) == (items, 7)
    # Seven objects are three pages.
    assert len(cloud.calls) - calls == 3


def test_a_later_run_copies_what_is_new_or_changed_whatever_its_name(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    container.put("a first name", b"new")
    container.put("day 3/é&<3>.jsonl", b"changed")
    assert copy(contract(service), cloud.address, raw)["objects"] == 2
    assert raw.contents() == expected(container)
    assert raw.copies() == 9


def test_what_is_deleted_at_the_source_stays_here_and_is_forgotten(
    cloud: Server, container: Container, service: Service
) -> None:
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    before = raw.contents()
    container.objects.clear()
    copy(contract(service), cloud.address, raw)
    assert raw.contents() == before
    assert len(Copied(raw)) == 0


def test_only_objects_below_the_prefix_with_an_ending_and_a_content_are_copied(
    cloud: Server, container: Container, service: Service
) -> None:
    for name in ("out/a.jsonl", "out/deep/b.json.gz", "out/c.txt", "outside.jsonl"):
        container.put(name, b"{}")
    container.put("out/_SUCCESS", b"")
    container.put("out/empty.jsonl", b"")
    of = contract(
        service,
        objects={"container": "reviews", "prefix": "out/", "endings": [".jsonl", ".json.gz"]},
    )
    raw = MemoryRaw()
    copy(of, cloud.address, raw)
    assert sorted(raw.versions) == [f"{BELOW}a.jsonl", f"{BELOW}deep/b.json.gz"]


@pytest.mark.parametrize("stated", [True, False])
def test_a_compressed_object_is_copied_as_it_is_stored(
    cloud: Server, container: Container, service: Service, stated: bool
) -> None:
    packed = gzip.compress(b'{"review": 1}\n' * 1_000)
    container.put("packed.jsonl", packed, encoding="gzip", **({} if stated else {"stated": None}))
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    assert raw.contents()[f"{BELOW}packed.jsonl"] == packed


@pytest.mark.parametrize("stated", [True, False])
def test_an_object_of_many_ranges_is_copied_whole(
    cloud: Server, container: Container, service: Service, stated: bool
) -> None:
    large = bytes(range(256)) * 4 * 1024 * 20 + b"end"
    container.put("large", large, **({} if stated else {"stated": None}))
    raw = MemoryRaw()
    copy(contract(service), cloud.address, raw)
    assert raw.contents()[f"{BELOW}large"] == large
