"""Keys that S3 allows and that break whatever quotes, decodes, globs or splits them."""

from collections.abc import Mapping

# "The maximum length of a key is 1,024 bytes in UTF-8" (Amazon S3 User Guide, Naming Amazon S3 objects).
MAX_KEY_BYTES = 1_024


def _longest() -> str:
    start, end = "reviews/native/", ".jsonl"
    return start + "k" * (MAX_KEY_BYTES - len(start) - len(end)) + end


def _max_length_in_wide_letters() -> str:
    start, end, letter = "reviews/native/", ".jsonl", "論"
    room = MAX_KEY_BYTES - len(start) - len(end)
    wide, narrow = divmod(room, len(letter.encode()))
    return start + letter * wide + "k" * narrow + end


KEYS: Mapping[str, str] = {
    "spaces": "reviews/native/two words and  two spaces .jsonl",
    "plus-signs": "reviews/native/a+b++c.jsonl",
    "percent-2b": "reviews/native/a%2Bb.jsonl",
    "percent-alone": "reviews/native/100%.jsonl",
    "unicode": "reviews/native/отзывы-评论-🎉.jsonl",
    "unicode-composed": "reviews/native/caf\u00e9.jsonl",
    "unicode-decomposed": "reviews/native/cafe\u0301.jsonl",
    "equals-signs": "reviews/native/ingest_date=2020-01-01/batch_id=x/part-0.jsonl",
    "single-quotes": "reviews/native/it's 'quoted'.jsonl",
    "double-quotes": 'reviews/native/say "hello".jsonl',
    "backslashes": "reviews/native/back\\slash\\n.jsonl",
    "newline": "reviews/native/first line\nsecond line.jsonl",
    "json-in-it": 'reviews/native/{"key": ["$.path", "<ref>"]}.jsonl',
    "glob-characters": "reviews/native/[a-z]*?{x,y}.jsonl",
    "url-characters": "reviews/native/a?versionId=null&b#c;d:e@f.jsonl",
    "dot-segments": "reviews/native/a/../b/./c.jsonl",
    "double-slashes": "reviews/native//a//b.jsonl",
    "hidden-names": "reviews/native/_temporary/.hidden.jsonl",
    "no-suffix": "reviews/native/export",
    "wrong-suffix": "reviews/native/picture.png",
    "upper-case": "reviews/native/EXPORT.JSONL",
    "no-source-prefix": "reviews/export.jsonl",
    "unknown-prefix": "reviews/somebody-new/export.jsonl",
    "1024-bytes": _longest(),
    "1024-bytes-of-wide-letters": _max_length_in_wide_letters(),
}
