"""Archives and compressions: every member accounted for, and nothing that is in one takes the jobs down."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from conftest import Batch, Input, lines, native
from hypothesis import given
from hypothesis import strategies as st
from reviews import contracts
from reviews.manifest import SourceFile
from reviews.splitter import archives, formats, task, unpacking
from reviews.splitter.bytestream import Stream
from reviews.splitter.pieces import Begin, Piece

Run = Callable[..., Batch]

FOUR = {
    "a.jsonl": lines(native(1), native(2)),
    "folder/b.json": json.dumps([native(3)], indent=1),
    "c.json": "".join(json.dumps(native(n), indent=1) for n in (4, 5)),
    "d.jsonl": "\ufeff" + lines(native(6)) + '{"review_id": "cut',
}


def tar_of(members: dict[str, str | bytes], kind: str = "", **more: Any) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{kind}", **more) as archive:
        for name, content in members.items():
            data = content if isinstance(content, bytes) else content.encode()
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return packed.getvalue()


def zip_of(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


PACKED: dict[str, tuple[bytes, dict[str, Any]]] = {
    "tar": (tar_of(FOUR), {"archive": "tar"}),
    "tar, POSIX": (tar_of(FOUR, format=tarfile.PAX_FORMAT), {"archive": "tar"}),
    "tar in gzip": (tar_of(FOUR, "gz"), {"archive": "tar", "compression": "gzip"}),
    "tar in bzip2": (tar_of(FOUR, "bz2"), {"archive": "tar", "compression": "bzip2"}),
    "tar in zstd": (zstd(tar_of(FOUR)), {"archive": "tar", "compression": "zstd"}),
    "zip": (zip_of(FOUR), {"archive": "zip"}),
    "zip, stored": (zip_of(FOUR, zipfile.ZIP_STORED), {"archive": "zip"}),
}


def test_accounts_for_the_records_of_every_member(run_batch: Run) -> None:
    inputs = [Input(data, layout="any", name=name, **settings) for name, (data, settings) in PACKED.items()]
    batch = run_batch(*inputs)
    for number, one in enumerate(inputs):
        figures = batch.figures(number)
        assert figures["recordsRead"] == 7, one.name
        assert figures["published"] + figures["duplicates"] == 6, one.name
        assert figures["rejected"] == {"TRUNCATED": 1}, one.name
        assert batch.outcome["files"][number]["members"] == [
            {"member": "a.jsonl", "recordsRead": 2},
            {"member": "folder/b.json", "recordsRead": 1},
            {"member": "c.json", "recordsRead": 2},
            {"member": "d.jsonl", "recordsRead": 2},
        ], one.name
    # Record numbers go on from one member to the next.
    assert sorted((row["file_id"][-1], row["record_number"]) for row in batch.rejected) == [
        (str(number), 7) for number in range(len(inputs))
    ]
    assert {row["review_id"] for row in batch.reviews} == {f"R{n}" for n in range(1, 7)}


@pytest.mark.parametrize(
    ("compression", "pack"), [("gzip", gzip.compress), ("zstd", zstd), ("bzip2", bz2.compress)]
)
def test_reads_every_compression_of_one_file(
    run_batch: Run, compression: str, pack: Callable[[bytes], bytes]
) -> None:
    parts = [pack(lines(native(1)).encode()), pack(lines(native(2), native(3)).encode())]
    whole = Input(b"".join(parts), compression=compression, layout="any")
    cut = Input(b"".join(parts)[:-5], compression=compression, layout="lines")
    array = Input(pack(json.dumps([native(4)]).encode()), compression=compression, layout="any")
    batch = run_batch(whole, cut, array)
    assert batch.figures(0)["recordsRead"] == 3
    assert batch.figures(0)["rejected"] == {}
    assert batch.figures(1)["rejected"] == {"TRUNCATED": 1}
    assert batch.figures(2)["published"] == 1


def test_the_name_of_a_member_says_what_the_name_of_a_file_would(run_batch: Run) -> None:
    page = {"reviews": {"1": {"recommendationid": "1", "timestamp_created": 1_600_000_000, "voted_up": True}}}
    other = {
        "reviews": {"2": {"recommendationid": "2", "timestamp_created": 1_600_000_000, "voted_up": True}}
    }
    data = zip_of({"review_10.json": json.dumps(page), "review_20.json": json.dumps(other)})
    batch = run_batch(Input(data, source="steam-api", name="all.zip", archive="zip", layout="any"))
    assert {row["review_id"]: row["product_id"] for row in batch.reviews} == {"1": "10", "2": "20"}


def split(data: bytes, archive: str, compression: str = "none") -> list[tuple[str, str]]:
    """Member and text of its only record, or of why it is not read."""
    file = SourceFile(0, "0", "reviews/x", "native", "", compression, "utf-8", "any", False, 0, None, archive)
    found, member = [], ""
    for pieces in task.split(task.request(file, contracts.load("native")), [data]):
        if isinstance(pieces, Begin):
            member = pieces.member
            continue
        [text] = [pieces.data] if isinstance(pieces, Piece) else pieces
        found.append((member, text.decode()))
    return found


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("../../etc/cron.d/x", "{}", "its name leads out of the archive"),
        ("/etc/passwd", "{}", "its name leads out of the archive"),
        ("C:\\x.json", "{}", "its name leads out of the archive"),
        ("inner.zip", zip_of({"a.json": "{}"}), "it is zip inside of an archive"),
        ("inner.tar", tar_of({"a.json": "{}"}), "it is tar inside of an archive"),
        ("inner.json.gz", gzip.compress(b"{}"), "it is gzip inside of an archive"),
        ("agreement.pdf", b"%PDF-1.7 \x00\x01", "it is PDF inside of an archive"),
        ("data.parquet", b"PAR1\x15\x04", "it is Apache Parquet inside of an archive"),
    ],
)
@pytest.mark.parametrize("archive", ["tar", "zip"])
def test_a_member_that_is_not_read_costs_nothing_but_itself(
    archive: str, name: str, content: str | bytes, why: str
) -> None:
    members = {"before.json": '{"a": 1}', name: content, "after.json": '{"b": 2}'}
    data = tar_of(members) if archive == "tar" else zip_of(members)
    before, refused, after = split(data, archive)
    assert before == ("before.json", '{"a": 1}')
    assert refused[1].startswith(f"{name}: {why}")
    assert after == ("after.json", '{"b": 2}')


def test_links_and_devices_are_no_members() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("device", tarfile.CHRTYPE)):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, "/etc/passwd"
            archive.addfile(header)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert [text.partition(";")[0] for _, text in split(packed.getvalue(), "tar")] == [
        "link: it is a link",
        "hard: it is a link",
        "device: it is no ordinary file",
    ]


def test_what_packing_systems_leave_behind_is_no_member() -> None:
    litter: dict[str, str | bytes] = {
        "__MACOSX/._a.json": "x",
        "._a.json": "x",
        ".DS_Store": "x",
        "a.json": "{}",
    }
    assert split(zip_of(litter), "zip") == split(tar_of(litter), "tar") == [("a.json", "{}")]


def test_an_encrypted_member_says_so() -> None:
    data = bytearray(zip_of({"a.json": "{}"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert split(bytes(data), "zip") == [("a.json", "a.json: it is encrypted; pack it without a password")]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.999])
@pytest.mark.parametrize("name", PACKED)
def test_a_cut_archive_keeps_what_is_before_the_cut_and_says_that_it_is_cut(name: str, kept: float) -> None:
    data, settings = PACKED[name]
    cut = data[: int(len(data) * kept)]
    if kept == 0.999 and settings.get("compression") is None and settings["archive"] == "tar":
        return  # it lacks nothing but padding
    compression = settings.get("compression", "none")
    file = SourceFile(
        0, "0", "reviews/x", "native", "", compression, "utf-8", "any", False, 0, None, settings["archive"]
    )
    found = list(task.split(task.request(file, contracts.load("native")), [cut]))
    problems = [each.problem for each in found if isinstance(each, Piece)]
    assert {"TRUNCATED", "NOT_UNPACKED"} & set(problems)


def _zeros(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield bytes(1 << 20)


def test_a_bomb_ends_early_in_bounded_memory() -> None:
    packer = bz2.BZ2Compressor()
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(600)) + packer.flush()
    tracemalloc.start()
    stream = Stream([packed], "bzip2", "utf-8")
    size = sum(map(len, stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stream.is_bomb
    assert size <= 300 << 20
    assert peak < 32 << 20


def test_a_bomb_in_a_zip_costs_only_itself() -> None:
    # Few long lines: 300 million short ones are as much of a bomb, and take half a minute.
    empty_line = b" " * 1023 + b"\n"
    members: dict[str, str | bytes] = {"bomb.json": empty_line * (300 << 10), "after.json": '{"b": 2}'}
    refused, after = split(zip_of(members), "zip")
    assert refused == ("bomb.json", f"bomb.json: {task._BOMB}")
    assert after == ("after.json", '{"b": 2}')


def test_a_header_larger_than_memory_is_refused_before_it_is_read() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    with pytest.raises(archives.ArchiveError, match="larger than 1 MiB"):
        list(archives.members("tar", [header.tobuf(tarfile.GNU_FORMAT), *_zeros(4)]))


def test_too_many_members_are_refused() -> None:
    empty = tarfile.TarInfo("x").tobuf()
    with pytest.raises(archives.ArchiveError, match="pack it in parts"):
        for _ in archives.members("tar", (empty for _ in range(20_000))):
            pass


@given(
    st.binary(max_size=2_000),
    st.sampled_from(["tar", "zip"]),
    st.sampled_from(["none", "gzip", "zstd", "bzip2"]),
)
def test_no_bytes_break_the_reader(data: bytes, archive: str, compression: str) -> None:
    file = SourceFile(0, "0", "reviews/x", "native", "", compression, "utf-8", "any", False, 0, None, archive)
    for _ in task.split(task.request(file, contracts.load("native")), [data]):
        pass


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 40))
def test_unpacking_gives_what_was_packed_whatever_the_chunks(parts: list[bytes], size: int) -> None:
    packers = {"gzip": gzip.compress, "zstd": zstd, "bzip2": bz2.compress}
    for compression, pack in packers.items():
        packed = b"".join(map(pack, parts))
        chunks: Iterable[bytes] = [packed[at : at + size] for at in range(0, len(packed), size)]
        assert b"".join(unpacking.unpack(chunks, compression)) == b"".join(parts)


def test_formats_are_told_by_their_first_bytes() -> None:
    found = [formats.of(data[:512]) for data, _ in PACKED.values()]
    assert [each and each.reader for each in found] == ["tar", "tar", "gzip", "bzip2", "zstd", "zip", "zip"]
    assert formats.of(b'{"a": 1}') is None


def test_the_ledger_says_why_a_member_is_not_read(run_batch: Run) -> None:
    packed = tar_of({"a.jsonl": lines(native(1)), "b.json": b"PK\x03\x04" + bytes(600)})
    batch = run_batch(Input(packed, layout="any", archive="tar"))
    first = batch.first_rejected()["NOT_UNPACKED"]
    assert first["detail"].startswith("b.json: it is ")
    assert batch.rejected[0]["details"] == [first["detail"]]
