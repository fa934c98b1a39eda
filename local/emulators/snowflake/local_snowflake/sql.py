"""Reading the statements that sqlglot takes for opaque commands: a tokenizer and a cursor over its tokens."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from local_snowflake import errors

Kind = Literal["string", "quoted", "word", "number", "symbol"]

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^'\\]|\\.|'')*'|\$\$.*?\$\$)
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<symbol>=>|::|[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Token:
    """A token and where it stands in the statement."""

    kind: Kind
    text: str
    start: int
    end: int


def literal(value: str) -> str:
    """A string as a literal of Snowflake and DuckDB alike, so long as it has no backslash."""
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def _tokens(statement: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(statement):
        kind = match.lastgroup
        if kind is not None and kind != "skip":
            found.append(Token(kind, match.group(), match.start(), match.end()))  # type: ignore[arg-type]
    while found and found[-1].text == ";":
        found.pop()
    return found


class Reader:
    """A statement and how far it has been read."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self._tokens = _tokens(statement)
        self._next = 0

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self._next >= len(self._tokens)

    def peek(self, ahead: int = 0) -> Token | None:
        """A token that has not been read yet."""
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def take(self) -> Token:
        """Read a token. Raises a syntax error at the end."""
        token = self.peek()
        if token is None:
            raise errors.syntax("unexpected end of statement")
        self._next += 1
        return token

    def accept(self, *words: str) -> bool:
        """Read these words if they come next."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token is None or token.kind in ("string", "quoted") or token.text.upper() != word:
                return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these words. Raises a syntax error if others come."""
        if not self.accept(*words):
            token = self.peek()
            found = f"unexpected '{token.text}'" if token else "unexpected end of statement"
            raise errors.syntax(f"{found}, expected {' '.join(words)}")

    def end(self) -> None:
        """Raises a syntax error if anything is left."""
        token = self.peek()
        if token is not None:
            raise errors.syntax(f"unexpected '{token.text}' at position {token.start}")

    def identifier(self) -> str:
        """Read one identifier: upper case unless quoted."""
        token = self.take()
        if token.kind == "quoted":
            return token.text[1:-1].replace('""', '"')
        if token.kind != "word":
            raise errors.syntax(f"unexpected '{token.text}' at position {token.start}, expected a name")
        return token.text.upper()

    def name(self) -> tuple[str, ...]:
        """Read a name of one to three parts."""
        if self.accept("IDENTIFIER", "("):
            parts = Reader(self.string()).name()
            self.expect(")")
            return parts
        found = [self.identifier()]
        while self.accept("."):
            found.append(self.identifier())
        if len(found) > 3:
            raise errors.syntax(f"name of {len(found)} parts: {'.'.join(found)}")
        return tuple(found)

    def string(self) -> str:
        """Read a string literal."""
        token = self.take()
        if token.kind != "string":
            raise errors.syntax(f"unexpected '{token.text}' at position {token.start}, expected a string")
        if token.text.startswith("$$"):
            return token.text[2:-2]
        return _ESCAPE.sub(
            lambda found: _ESCAPES.get(found[1], found[1]) if found[1] else "'", token.text[1:-1]
        )

    def parenthesised(self) -> str:
        """Read a parenthesis with all that is in it; returns the text between its ends."""
        self.expect("(")
        start, depth = self._tokens[self._next - 1].end, 1
        while depth:
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "symbol" else 0
        return self.statement[start : token.start]

    def raw_word(self) -> str:
        """Read everything up to the next white space that is outside of quotes."""
        first = last = self.take()
        while (token := self.peek()) is not None and token.start == last.end:
            last = self.take()
        return self.statement[first.start : last.end]

    def rest(self) -> str:
        """Read all that is left, as it stands."""
        token = self.peek()
        self._next = len(self._tokens)
        return self.statement[token.start : self._tokens[-1].end] if token else ""

    def options(self, until: str | None = None) -> dict[str, Any]:
        """Read ``KEY = value`` pairs, with or without commas, to the end, a closing parenthesis or the word.

        Values: text (of strings and words), numbers, booleans, lists, and dictionaries of nested options.
        """
        found: dict[str, Any] = {}
        while not self.at_end and not self._at(")"):
            if self.accept(","):
                continue
            word = self.peek()
            if word is not None and word.kind == "word" and word.text.upper() == until:
                break
            key = self.identifier()
            self.expect("=")
            if key in found:
                raise errors.syntax(f"duplicate property '{key}'")
            found[key] = self._value()
        return found

    def _at(self, symbol: str, ahead: int = 0) -> bool:
        token = self.peek(ahead)
        return token is not None and token.kind == "symbol" and token.text == symbol

    def _value(self) -> Any:
        token = self.peek()
        if token is None:
            raise errors.syntax("unexpected end of statement, expected a value")
        if token.text == "(":
            return self._list_or_options()
        if token.text == "@":
            return self.raw_word()
        if token.kind == "string":
            return self.string()
        if token.kind == "number":
            return float(self.take().text) if "." in token.text else int(self.take().text)
        if token.text.upper() in ("TRUE", "FALSE"):
            return self.take().text.upper() == "TRUE"
        return ".".join(self.name())

    def _list_or_options(self) -> Any:
        self.expect("(")
        if self._at("=", ahead=1):
            nested = self.options()
            self.expect(")")
            return nested
        values = []
        while not self.accept(")"):
            values.append(self._value())
            self.accept(",")
        return values
