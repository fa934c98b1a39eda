"""Words for made-up reviews. Names are put together from syllables: none is a real person's or firm's."""

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

_SYLLABLES = (
    "bri",
    "dor",
    "fen",
    "gal",
    "hul",
    "jor",
    "kel",
    "lum",
    "mir",
    "nos",
    "pel",
    "quin",
    "ros",
    "tav",
    "wex",
)
_ENDINGS = ("a", "ek", "in", "o", "ath", "una", "is", "olde")
_OPENINGS = (
    "Arrived in good time and {verdict}.",
    "After three weeks of daily use {part} {verdict}.",
    "I bought this for the {place} and {part} {verdict}.",
    "Compared with the one before it, {part} {verdict}.",
    "Für den Preis erstaunlich gut: {part} {verdict} – très bien.",
    'My neighbour said "{verdict}" and I can only agree.',
    "Not what the picture shows; {part} {verdict}.",
    "Nothing to complain about, {part} {verdict} 👍",
)
_PARTS = (
    "the lid",
    "the handle",
    "the battery",
    "the menu",
    "the taste",
    "the packaging",
    "the soundtrack",
    "the crew",
)
_PLACES = ("kitchen", "allotment", "caravan", "office", "cellar", "boat")
_VERDICTS = (
    "works as it should",
    "feels sturdier than expected",
    "broke on the second day",
    "is worth every penny",
    "could be easier to clean",
    "does one thing and does it well",
    "let me down twice",
)
_TITLES = (
    "Does the job",
    "Not again",
    "Better than expected",
    "Five weeks on",
    "Mixed feelings",
    "A quiet favourite",
    "Hm",
)
_NOUNS = ("kettle", "lantern", "rucksack", "notebook", "teapot", "headset", "bicycle lamp", "picnic rug")
_ADJECTIVES = ("folding", "enamel", "quiet", "pocket", "double-walled", "rainproof")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

# The span of the made-up reviews, as epoch seconds: 2015-01-01 to 2025-12-31 UTC.
FIRST_SECOND = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp())
LAST_SECOND = int(datetime(2025, 12, 31, tzinfo=UTC).timestamp())


def word(rng: Random) -> str:
    """A made-up capitalised word such as 'Felnosuna'."""
    return (rng.choice(_SYLLABLES) + rng.choice(_SYLLABLES) + rng.choice(_ENDINGS)).capitalize()


def person(rng: Random) -> str:
    """A made-up name of two words."""
    return f"{word(rng)} {word(rng)}"


def product_name(rng: Random) -> str:
    """A made-up product such as 'Felnosuna enamel kettle'."""
    return f"{word(rng)} {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}"


def sentence(rng: Random) -> str:
    """One sentence; some hold quotes, umlauts, accents or an emoji, as reviews do."""
    return rng.choice(_OPENINGS).format(
        verdict=rng.choice(_VERDICTS), part=rng.choice(_PARTS), place=rng.choice(_PLACES)
    )


def sentences(seed: int, count: int) -> list[str]:
    """A pool of sentences; equal arguments give equal pools."""
    rng = Random(seed)  # noqa: S311 - made-up data, not secrets
    return [sentence(rng) for _ in range(count)]


def babble(seed: int, count: int) -> list[str]:
    """A pool of sentences of made-up words, which compress about as well as real reviews do."""
    rng = Random(seed)  # noqa: S311 - made-up data, not secrets
    words = [word(rng).lower() for _ in range(5_000)]
    return [" ".join(rng.choices(words, k=rng.randint(4, 16))).capitalize() + "." for _ in range(count)]


def text(rng: Random, most: int = 5) -> str:
    """One to `most` sentences, now and then with a line break."""
    return rng.choice((" ", " ", " ", "\n")).join(sentence(rng) for _ in range(rng.randint(1, most)))


def title(rng: Random) -> str:
    """A headline."""
    return rng.choice(_TITLES)


def code(rng: Random, length: int) -> str:
    """An id of capital letters and digits."""
    return "".join(rng.choices(_ALPHABET, k=length))


def second(rng: Random) -> int:
    """A time between FIRST_SECOND and LAST_SECOND, epoch seconds UTC."""
    return rng.randint(FIRST_SECOND, LAST_SECOND)


def iso(seconds: int, pattern: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """Epoch seconds as text, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime(pattern)


def skewed[T](rng: Random, values: Sequence[T]) -> T:
    """A value that comes the more often the earlier it stands: few products get most reviews."""
    return values[int(len(values) * rng.random() ** 2)]
