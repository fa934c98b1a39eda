"""Messages of Kafka become lines, and slices of a partition objects, each stored once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import contracts, storage
from reviews.envelopes.opening import Opener
from reviews.errors import JobError
from reviews.kernel import parsing
from reviews.kernel.parsing import Deleted
from reviews.splitter.pieces import MAX_RECORD_BYTES
from reviews.stream import broker, figures, job, options, slices
from reviews.stream.messages import DeadLetter, Message, Reader
from reviews.stream.slices import Letter, Slices, Stored

_AT = 1_760_000_000_000


def _read(
    value: bytes | None, key: bytes | None = b"R1", message_key: tuple[str, ...] = ("review_id",)
) -> Any:
    return Reader(message_key).read(Message(7, _AT, key, value))


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (b'{"review_id": "R1"}', b'{"review_id": "R1"}'),
        (b'{\n  "review_id": "R1"\r\n}', b'{   "review_id": "R1"  }'),
        (b'\x00\x00\x00\x00\x2a{"review_id": "R1"}', b'{"review_id": "R1"}'),
        (b'{"rating": NaN, "new_field": 1.10}', b'{"rating": NaN, "new_field": 1.10}'),
    ],
)
def test_an_object_is_a_line_as_it_was_written(value: bytes, line: bytes) -> None:
    assert _read(value) == line


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "MALFORMED_JSON"),
        (b'{"review_id": ', "MALFORMED_JSON"),
        (b"\xff\xfe{}", "ENCODING"),
        (b'{"body": "\xff"}', "ENCODING"),
        (b'"a text"', "NOT_AN_OBJECT"),
        (b"[1]", "NOT_AN_OBJECT"),
        (b'{"body": "' + b"x" * MAX_RECORD_BYTES + b'"}', "TOO_LARGE"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_object_is_a_dead_letter_with_its_reason_and_its_bytes(value: bytes, reason: str) -> None:
    letter = _read(value)
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, letter.message.value) == (reason, value)


@pytest.mark.parametrize("key", [b"R1", b'"R1"', b'{"review_id": "R1"}'])
def test_a_message_without_a_value_deletes_the_review_of_its_key(key: bytes) -> None:
    [value] = values = parsing.parse([_read(None, key)])
    Opener().open([b"{"], values)
    assert value == {"deleted_review": {"review_id": "R1"}, "deleted_at": _AT}
    assert values == [Deleted("DELETED", {"review_id": "R1"}, str(_AT), "SOURCE")]


@pytest.mark.parametrize(("key", "where"), [(b"R1", ()), (None, ("review_id",)), (b"\xff", ("review_id",))])
def test_a_deletion_that_names_no_review_is_a_dead_letter(key: bytes | None, where: tuple[str, ...]) -> None:
    assert _read(None, key, where).reason == "DELETED"


def test_a_key_of_digits_keeps_them_all() -> None:
    assert json.loads(_read(None, b"0090071992547409931", ("a", "id")))["deleted_review"] == {
        "a": {"id": "0090071992547409931"}
    }


def test_the_contract_says_where_the_key_stands() -> None:
    assert contracts.load("native").message_key == ("review_id",)
    assert contracts.load("yelp").message_key == ()


def _slices(folder: Path) -> Slices:
    return Slices(str(folder / "stream"), str(folder / "dead"), "topic", ("review_id",))


def _rows(partition: int, first: int, values: list[bytes | None]) -> list[tuple[Any, ...]]:
    return [(partition, first + n, _AT, f"R{n}".encode(), value) for n, value in enumerate(values)]


def _objects(folder: Path) -> dict[str, bytes]:
    root = folder / "stream" / "topic"
    return {str(path.relative_to(root)): gzip.decompress(path.read_bytes()) for path in root.rglob("*.gz")}


_value = st.one_of(st.none(), st.just(b"no json"), st.builds(lambda n: b'{"n": %d}' % n, st.integers(0, 9)))


@settings(deadline=None)
@given(st.lists(_value, min_size=1, max_size=60), st.integers(20, 400))
def test_every_message_is_a_line_or_a_letter_and_a_repetition_stores_nothing_more(
    tmp_path_factory: pytest.TempPathFactory, values: list[bytes | None], object_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("slices")
    rows = _rows(3, 100, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "MAX_OBJECT_BYTES", object_bytes)
        found = list(_slices(folder).store(rows))
        objects = _objects(folder)
        # Killed anywhere and begun again: the same batch makes the same objects.
        assert list(_slices(folder).store(rows)) == found
    assert _objects(folder) == objects
    stored = [item for item in found if isinstance(item, Stored)]
    letters = [item for item in found if isinstance(item, Letter)]
    lines = [line for name in sorted(objects) for line in objects[name].splitlines()]
    assert sum(item.messages for item in stored) == len(values) == len(lines) + len(letters)
    assert sum(item.records for item in stored) == len(lines)
    # The names say which offsets an object holds: without gap, and none twice.
    ranges = sorted(tuple(map(int, name[6:-9].split("-"))) for name in objects)
    assert [first for first, _ in ranges] == [100, *(last + 1 for _, last in ranges[:-1])]
    assert ranges[-1][1] == 99 + len(values)


def test_offsets_that_hold_other_messages_stop_the_stream(tmp_path: Path) -> None:
    list(_slices(tmp_path).store(_rows(0, 0, [b'{"n": 1}'])))
    with pytest.raises(JobError, match="made again, give the stream a new name"):
        list(_slices(tmp_path).store(_rows(0, 0, [b'{"n": 2}'])))


def test_a_value_that_fits_into_no_dead_letter_is_kept_beside_it(tmp_path: Path) -> None:
    large = b"x" * (slices.MAX_LETTER_BYTES + 1)
    [letter, _] = _slices(tmp_path).store(_rows(0, 5, [large]))
    assert isinstance(letter, Letter)
    assert letter.value is None
    assert Path(str(letter.value_at)).read_bytes() == large


def _options(raw: Path, **more: str) -> options.Options:
    given = {
        "environment": "reviews-dev", "stream": "live", "source": "native", "topic": "topic",
        "dead-letter-topic": "letters", "raw": str(raw), "checkpoint": str(raw / "checkpoint"),
        "seconds-per-batch": "5", "messages-per-batch": "100", "bootstrap": "broker:9096",
        "authentication": "iam", "login": "s", **more,
    }  # fmt: skip
    return options.parse(
        ["--JOB_NAME", "x", *(part for name, value in given.items() for part in (f"--{name}", value))]
    )


def test_a_lost_checkpoint_begins_behind_what_is_stored(tmp_path: Path) -> None:
    chosen = _options(tmp_path)
    stored = Slices(chosen.folder, str(tmp_path / "dead"), "topic", ())
    list(stored.store(_rows(1, 0, [b"{}"] * 4)))
    list(stored.store(_rows(1, 4, [b"{}"] * 3)))
    assert json.loads(job.starting_offsets(chosen, 3)) == {"topic": {"0": -2, "1": 7, "2": -2}}


def test_nothing_is_read_without_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        broker, "_secret", lambda _: {"username": "u", "password": 'p"\\', "certificateAuthority": "PEM"}
    )
    for authentication in ("iam", "scram", "none"):
        client = broker.client_options(_options(tmp_path, authentication=authentication))
        assert client["security.protocol"] in ("SSL", "SASL_SSL")
    assert broker.client_options(_options(tmp_path, authentication="scram"))["sasl.jaas.config"].endswith(
        r'username="u" password="p\"\\";'
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("UnknownTopicOrPartitionException: …", "topic topic or letters does not exist"),
        ("SaslAuthenticationException: Authentication failed", "refuse the login: correct the secret s"),
        ("TimeoutException: Timed out", "do not answer: see whether they run"),
        ("SslAuthenticationException: SSL handshake failed", "certificate that cannot be trusted"),
        ("Cannot fetch offsets: data loss", "no longer has messages"),
    ],
)  # fmt: skip
def test_a_failure_is_a_sentence_that_names_the_stream_and_what_to_do(
    error: str, words: str, tmp_path: Path
) -> None:
    said = broker.sentence(error, _options(tmp_path))
    assert said is not None
    assert said.startswith("stream live: ")
    assert words in said


def test_what_waits_is_told_for_each_partition() -> None:
    source = {
        "endOffset": {"topic": {"0": 5, "1": 9}},
        "latestOffset": {"topic": {"0": 12, "1": 9, "2": 3}},
    }
    assert figures.lag(json.dumps({"sources": [source]})) == {"0": 7, "1": 0, "2": 3}
    assert figures.lag(None) == {}


def test_an_object_is_stored_under_a_free_name_only(tmp_path: Path) -> None:
    uri = str(tmp_path / "a" / "object")
    assert storage.write_new(uri, b"first", {})
    assert not storage.write_new(uri, b"second", {})
    assert [Path(found).read_bytes() for found in storage.list_folder(str(tmp_path))] == [b"first"]
