"""Hostile files: what is wrong is how the records are packed, or that there are none."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from random import Random

from hostile_reviews import Case, HostileFile, encoded, lines, reviews, text
from producers import PRODUCERS

_MIB = 1 << 20


def _truncated_gzip(case: str) -> HostileFile:
    whole = reviews(case, 400)
    packed = gzip.compress(lines(whole), mtime=0)
    cut = packed[: len(packed) * 6 // 10]
    readable = zlib.decompressobj(wbits=31).decompress(cut)
    kept = whole[: readable.count(b"\n")]
    return HostileFile.some_good(cut, kept, "A gzip that breaks off.", {"TRUNCATED": 1})


def _single_line_of_50_mb(case: str) -> HostileFile:
    first, huge, last = reviews(case, 3)
    content = lines([first, huge | {"body": "x" * (50 * _MIB)}, last])
    return HostileFile.some_good(content, [first, last], "A line of 50 MiB.", {"TOO_LARGE": 1})


def _gzip_bomb(case: str) -> HostileFile:
    first, huge, last = reviews(case, 3)
    content = gzip.compress(
        lines([first, huge | {"body": " " * (100 * _MIB)}, last]), compresslevel=1, mtime=0
    )
    return HostileFile.some_good(content, [first, last], "100 MiB in a small gzip.", {"TOO_LARGE": 1})


def _gzip_members(case: str) -> HostileFile:
    good = reviews(case, 4)
    content = gzip.compress(lines(good[:2]), mtime=0) + gzip.compress(lines(good[2:]), mtime=0)
    return HostileFile.all_good(
        content, good, "Two gzip members, one after the other, are one file (RFC 1952)."
    )


def _gzip_with_something_after(case: str) -> HostileFile:
    good = reviews(case, 3)
    content = gzip.compress(lines(good), mtime=0) + b"\x00" * 100
    return HostileFile.undecided(content, good, "A gzip padded with zeros, as tape tools write it.", None)


def _array(
    case: str, cut: Callable[[str], str], why: str, rejected: Mapping[str, int], kept: int
) -> HostileFile:
    values = reviews(case, 4)
    content = cut("[" + ", ".join(text(value) for value in values) + "]")
    return HostileFile.some_good(content.encode(), values[:kept], why, rejected)


def _array_cut_between_records(case: str) -> HostileFile:
    good = reviews(case, 3)
    content = "[" + "".join(f"{text(value)},\n" for value in good)
    return HostileFile.undecided(content.encode(), good, "An array that breaks off after a comma.", None)


def _array_of_anything(case: str) -> HostileFile:
    first, paged, last = reviews(case, 3)
    content = f'[{text(first)}, [{text(paged)}], "text", 7, null, {{"a": nothing}}, {text(last)}]'
    rejected = {"MALFORMED_JSON": 1, "NOT_AN_OBJECT": 3}
    why = "An array of records, a page of them and other values."
    return HostileFile.some_good(content.encode(), [first, paged, last], why, rejected)


def _wrapped_and_cut_off(case: str) -> HostileFile:
    producer, rng = PRODUCERS["steam-api"], Random(case)  # noqa: S311 - made-up data, not secrets
    records = [producer.review(rng, int(case) * 1_000 + number) for number in range(4)]
    members = ", ".join(f'"{record["recommendationid"]}": {text(record)}' for record in records)
    content = f'{{"reviews": {{{members}'[:-40].encode()
    kept = tuple(record["recommendationid"] for record in records[:3])
    return HostileFile(content, "PUBLISHED", "A wrapped map that breaks off.", 4, 3, {"TRUNCATED": 1}, kept)


def _python_dicts(case: str) -> HostileFile:
    producer, rng = PRODUCERS["beer-advocate"], Random(case)  # noqa: S311 - made-up data, not secrets
    records = [producer.review(rng, int(case) * 1_000 + number) for number in range(3)]
    content = "".join(f"{record!r}\n" for record in records).encode()
    return HostileFile(content, "PUBLISHED", "Python dicts where the contract says so.", 3, 3, {})


def _all_malformed(case: str) -> HostileFile:
    content = b"".join(lines([value]).replace(b":", b"=") for value in reviews(case, 5))
    return HostileFile.unreadable(content, "Not one whole record.", {"MALFORMED_JSON": 5})


def _binary(case: str) -> HostileFile:
    content = Random(case).randbytes(4_096)  # noqa: S311 - made-up data, not secrets
    return HostileFile.unreadable(b"\x00\xff" + content, "Random bytes.")


def _picture(_: str) -> HostileFile:
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
    return HostileFile.unreadable(header, "The start of a PNG picture.")


def _unknown_source(_: str) -> HostileFile:
    content = lines([{"temperature": 20 + day, "station": "Jorlumath"} for day in range(3)])
    return HostileFile.unreadable(content, "Records that no contract recognises.")


def _not_json(_: str) -> HostileFile:
    content = b"<!doctype html>\n<title>502 Bad Gateway</title>\n"
    return HostileFile.unreadable(content, "An error page.", {"MALFORMED_JSON": 2})


def _lines_between_blanks(content: bytes) -> bytes:
    return b"\n \n\t\r\n" + content.replace(b"\n", b"\n\n  \n") + b"\n\n"


FILES = (
    Case("zero-bytes", lambda _: HostileFile.empty(b"", "No bytes.")),
    Case("white-space", lambda _: HostileFile.empty(b" \r\n\t\n  \n" * 50, "White space only.")),
    Case("byte-order-mark-alone", lambda _: HostileFile.empty(b"\xef\xbb\xbf", "A byte order mark only.")),
    Case(
        "gzip-of-nothing",
        lambda _: HostileFile.empty(gzip.compress(b"", mtime=0), "An empty gzip."),
        ".json.gz",
    ),
    Case(
        "gzip-of-white-space",
        lambda _: HostileFile.empty(gzip.compress(b"\n \n" * 99, mtime=0), "A gzip of white space."),
        ".json.gz",
    ),
    Case("empty-array", lambda _: HostileFile.empty(b"[]\n", "An array without records."), ".json"),
    Case("truncated-gzip", _truncated_gzip, ".jsonl.gz"),
    Case(
        "gzip-named-json",
        encoded("A gzip by content, not by name.", lambda c: gzip.compress(c, mtime=0)),
        ".json",
    ),
    Case("json-named-gzip", encoded("No gzip, in spite of its name.", lambda content: content), ".json.gz"),
    Case("gzip-members", _gzip_members, ".json.gz"),
    Case("gzip-with-padding", _gzip_with_something_after, ".json.gz"),
    Case("gzip-bomb", _gzip_bomb, ".json.gz"),
    Case("50-mb-line", _single_line_of_50_mb),
    Case(
        "utf-8-with-mark",
        encoded("UTF-8 with a byte order mark.", lambda content: b"\xef\xbb\xbf" + content),
    ),
    Case("utf-16-le", encoded("UTF-16.", lambda content: b"\xff\xfe" + content.decode().encode("utf-16-le"))),
    Case("utf-16-be", encoded("UTF-16.", lambda content: b"\xfe\xff" + content.decode().encode("utf-16-be"))),
    Case(
        "utf-16-without-mark",
        encoded("UTF-16, no mark.", lambda content: content.decode().encode("utf-16-le")),
    ),
    Case("crlf", encoded("Lines that end in CRLF.", lambda content: content.replace(b"\n", b"\r\n"))),
    Case("blank-lines", encoded("Blank lines between the records.", _lines_between_blanks)),
    Case("no-last-line-end", encoded("The last line has no end.", lambda content: content.rstrip(b"\n"))),
    Case(
        "array-cut-in-a-record",
        lambda case: _array(
            case, lambda whole: whole[:-200], "An array cut in mid-record.", {"TRUNCATED": 1}, 3
        ),
        ".json",
    ),
    Case("array-cut-after-a-comma", _array_cut_between_records, ".json"),
    Case("array-of-anything", _array_of_anything, ".json"),
    Case("wrapped-map-cut-off", _wrapped_and_cut_off, "-review_990002.json", "steam-api/"),
    Case("python-dicts", _python_dicts, ".json", "beer-advocate/"),
    Case("all-malformed", _all_malformed),
    Case("error-page", _not_json, ".html"),
    Case("random-bytes", _binary, ".json"),
    Case("picture", _picture, ".json"),
    Case(
        "gzip-in-gzip",
        lambda case: HostileFile.unreadable(
            gzip.compress(gzip.compress(lines(reviews(case, 2)), mtime=0), mtime=0), "A gzip of a gzip."
        ),
        ".json.gz",
    ),
    Case("unknown-source", _unknown_source, ".jsonl", "weather/"),
)
