"""Hostile records: good lines with bad ones between them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from hostile_reviews import Case, HostileFile, encoded, lines, reviews, text
from producers import Record


def _with_bad_lines(
    why: str, rejected: Mapping[str, int], *bad: Callable[[Record], bytes]
) -> Callable[[str], HostileFile]:
    """Good records with bad lines between them; a bad line is made from a good record."""

    def make(case: str) -> HostileFile:
        first, second, *others = reviews(case, 2 + len(bad))
        broken = b"".join(line(record) + b"\n" for line, record in zip(bad, others, strict=True))
        content = lines([first]) + broken + lines([second])
        return HostileFile.some_good(content, [first, second], why, rejected)

    return make


def _with_odd_lines(why: str, *odd: Callable[[Record], bytes]) -> Callable[[str], HostileFile]:
    """The same, where publishing or rejecting the odd lines is the implementation's choice."""

    def make(case: str) -> HostileFile:
        made = _with_bad_lines(why, {}, *odd)(case)
        return replace(made, records=2 + len(odd), published=None, rejected=None)

    return make


def _python_dict_among_json(case: str) -> HostileFile:
    first, second, third = good = reviews(case, 3)
    content = lines([first]) + repr(second).encode() + b"\n" + lines([third])
    return HostileFile.all_good(content, good, "A Python dict where the contract says JSON.")


def _changed(**fields: object) -> Callable[[Record], bytes]:
    return lambda record: text(record | fields).encode()


def _spliced(member: str) -> Callable[[Record], bytes]:
    """The record with one more member, given as JSON text."""
    return lambda record: f"{text(record)[:-1]}, {member}}}".encode()


def _line(value: str) -> Callable[[Record], bytes]:
    return lambda _: value.encode()


RECORDS = (
    Case(
        "2000-deep",
        _with_odd_lines("2,000 arrays in one another.", _spliced(f'"deep": {"[" * 2000}{"]" * 2000}')),
    ),
    Case(
        "latin-1",
        _with_bad_lines(
            "Latin-1 bytes in UTF-8.",
            {"ENCODING": 1},
            lambda record: text(record | {"title": "Très bien"}).encode().replace("è".encode(), b"\xe8"),
        ),
    ),
    Case(
        "duplicate-keys",
        _with_odd_lines("A key twice in one object.", _spliced('"title": "a", "title": "b"')),
    ),
    Case(
        "huge-numbers",
        _with_odd_lines(
            "Numbers beyond 64 bits.",
            _changed(helpful_votes=10**30),
            _spliced(f'"big": {"9" * 400}'),
            _spliced('"far": 1e400, "small": 1e-400'),
        ),
    ),
    Case(
        "ratings",
        _with_bad_lines(
            "Ratings off the scale, in words, null, missing and true.",
            {"RATING_INVALID": 5},
            _changed(rating=11),
            _changed(rating="5 stars"),
            _changed(rating=None),
            lambda record: text({key: value for key, value in record.items() if key != "rating"}).encode(),
            _changed(rating=True),
        ),
    ),
    Case(
        "dates",
        _with_bad_lines(
            "Dates in year 1, in the future, in words and impossible ones.",
            {"TIMESTAMP_INVALID": 3, "TIMESTAMP_FUTURE": 1},
            _changed(created_at="0001-01-01T00:00:00Z"),
            _changed(created_at="9999-12-31T23:59:59Z"),
            _changed(created_at="the day before yesterday"),
            _changed(created_at="2025-02-30T00:00:00Z"),
        ),
    ),
    Case(
        "not-a-number",
        _with_bad_lines(
            "A rating that is not a number.", {"RATING_INVALID": 1}, _changed(rating=float("nan"))
        ),
    ),
    Case(
        "infinity-elsewhere",
        encoded(
            "NaN and Infinity in fields that nothing depends on.",
            lambda content: content.replace(b'"build": ', b'"score": NaN, "limit": -Infinity, "build": '),
        ),
    ),
    Case(
        "python-dict-among-json",
        _python_dict_among_json,
    ),
    Case(
        "text-after-the-record",
        _with_bad_lines(
            "Text, a bracket or a second record after the record.",
            {"MALFORMED_JSON": 3},
            lambda record: text(record).encode() + b" // checked",
            lambda record: text(record).encode() + b"}",
            lambda record: (text(record) + ", " + text(record)).encode(),
        ),
    ),
    Case(
        "lone-values",
        _with_bad_lines(
            "Values that are no objects, and arrays in arrays.",
            {"NOT_AN_OBJECT": 6},
            *(_line(value) for value in ('"rate limit exceeded"', "42", "true", "null", "[[[]]]")),
            lambda record: f"[{text(record)}]".encode(),
        ),
    ),
    Case(
        "empty-object",
        _with_bad_lines("An object without members.", {"MISSING_ID": 1}, _line("{}")),
    ),
    Case(
        "odd-characters",
        _with_odd_lines(
            "Characters that text columns may not hold.",
            _spliced('"note": "half a pair \\ud83d"'),
            _spliced('"note": "a zero \\u0000"'),
            _spliced('"note": "bare tab \t here"'),
        ),
    ),
)
