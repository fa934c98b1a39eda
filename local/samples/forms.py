"""The forms in which producers deliver records: the texts of the records in, the bytes of a file out."""

import gzip
import json
from collections.abc import Callable, Sequence

type Form = Callable[[Sequence[str]], bytes]


def lines(texts: Sequence[str]) -> bytes:
    """One record per line, UTF-8."""
    return "".join(f"{text}\n" for text in texts).encode()


def lines_utf16(texts: Sequence[str]) -> bytes:
    """One record per line as Windows tools write them: UTF-16 with a byte order mark, CRLF."""
    return b"\xff\xfe" + "".join(f"{text}\r\n" for text in texts).encode("utf-16-le")


def array(texts: Sequence[str]) -> bytes:
    """One JSON array, one record per line."""
    return f"[\n{',\n'.join(texts)}\n]\n".encode()


def array_cut_off(texts: Sequence[str]) -> bytes:
    """A JSON array whose download broke off half-way through the last record."""
    *whole, last = texts
    return f"[\n{',\n'.join(whole)},\n{last[: len(last) // 2]}".encode()


def concatenated(texts: Sequence[str]) -> bytes:
    """Pretty-printed records one after the other, as `jq .` writes them; what is no JSON stays as it is."""
    return "".join(f"{_pretty(text)}\n" for text in texts).encode()


def wrapped_array(texts: Sequence[str]) -> bytes:
    """A page of a web API: the records in an array under `data`."""
    return f'{{"data": [{", ".join(texts)}], "nextPaginationToken": null}}\n'.encode()


def wrapped_map(texts: Sequence[str]) -> bytes:
    """A crawler's document: a map of id to record under `reviews`."""
    members = ", ".join(f'"{10_000_000 + position}": {text}' for position, text in enumerate(texts))
    summary = json.dumps({"num_reviews": len(texts)})
    return f'{{"reviews": {{{members}}}, "query_summary": {summary}, "cursors": ["*"]}}\n'.encode()


def gzipped(form: Form) -> Form:
    """The same form as gzip. The time in the header is fixed: equal input gives equal bytes."""
    return lambda texts: gzip.compress(form(texts), mtime=0)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except json.JSONDecodeError:
        return text
