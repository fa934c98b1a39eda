"""Masking policies ("CREATE MASKING POLICY", Snowflake SQL reference)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.governance.tags import Tags
from local_snowflake.lifecycle import dropped, kept
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, Handler, Handlers, columns, status
from local_snowflake.store import Name, Store

KIND = "MASKING POLICY"
_SHOWN = columns("created_on name database_name schema_name kind owner comment owner_role_type")
_COMMENT = re.compile(r"\s+COMMENT\s*=\s*('(?:[^']|'')*')\s*$", re.IGNORECASE)
_SYNONYMS = {"STRING": "VARCHAR", "TEXT": "VARCHAR"}

IS_ROLE_IN_SESSION = "IS_ROLE_IN_SESSION"
TAG_ON_CURRENT_COLUMN = "SYSTEM$GET_TAG_ON_CURRENT_COLUMN"


@dataclass(frozen=True)
class Policy:
    """What a policy does to a column: the expression of its body on its argument."""

    argument: str
    body: exp.Expr


class MaskingPolicies:
    """The statements on masking policies. Bodies are conditions on roles and tags: no lookup in a table."""

    def __init__(self, store: Store, grants: Grants, tags: Tags) -> None:
        self._store = store
        self._grants = grants
        self._tags = tags

    def handlers(self, gated: Callable[[str, Handler], Handler]) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE MASKING POLICY": gated(KIND, self._create),
            "ALTER MASKING POLICY": gated(KIND, self._alter),
            "DROP MASKING POLICY": gated(KIND, self._drop),
            "SHOW MASKING POLICIES": gated(KIND, self._show),
            "DESC MASKING POLICY": gated(KIND, self._describe),
        }

    def get(self, name: Name) -> Policy:
        """A policy. Raises 002003 if there is none."""
        found = self._store.get(KIND, name)
        if found is None:
            raise errors.does_not_exist("Masking policy", ".".join(name))
        return Policy(found["argument"], _parsed(found["body"]))

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        reader = call.reader
        name = call.qualified(reader.name())
        reader.expect("AS", "(")
        argument, kind = reader.identifier(), _type(reader.identifier())
        if reader.accept(","):
            raise errors.unsupported("conditional masking policy")
        reader.expect(")", "RETURNS")
        if (returned := _type(reader.identifier())) != kind:
            raise errors.invalid_option("RETURNS", returned, f"the type of the argument, {kind}")
        reader.expect("-", ">")
        body = reader.rest()
        comment = _COMMENT.search(body)
        body = _COMMENT.sub("", body)
        _parsed(body)
        self._grants.check_may_create(session.role(call.cursor._conn), KIND, name[:2])
        if answer := kept(call, self._store.get(KIND, name) is not None, keep, name):
            return answer
        if call.replace:
            self._check_unused(name)
        document = {"argument": argument, "type": kind, "body": body}
        document |= {"owner": session.role(call.cursor._conn), "comment": comment[1] if comment else ""}
        self._store.put(KIND, name, document)
        return status(f"Masking policy {name[-1]} successfully created.")

    def _alter(self, call: Call) -> Answer:
        name = call.qualified(call.reader.name())
        self.get(name)
        self._grants.check_owns(session.role(call.cursor._conn), KIND, name)
        call.reader.expect("SET", "BODY", "-", ">")
        body = call.reader.rest()
        _parsed(body)
        self._store.put(KIND, name, {**(self._store.get(KIND, name) or {}), "body": body})
        return status()

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        call.reader.end()
        if self._store.get(KIND, name) is not None:
            self._grants.check_owns(session.role(call.cursor._conn), KIND, name)
            self._check_unused(name)
        return dropped(self._store.delete(KIND, name), optional, "Masking policy", name)

    def _check_unused(self, name: Name) -> None:
        """A policy that protects something is neither dropped nor replaced ("DROP MASKING POLICY")."""
        if self._tags.carrying(name):
            raise errors.policy_in_use(name[-1])

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = [
            (created, name[2], *name[:2], "MASKING_POLICY", found["owner"], found["comment"], "ROLE")
            for name, found, created in self._store.all(KIND, asked.within(call))
            if asked.matches(name[2])
        ]
        return Answer(_SHOWN, first(rows, asked.limit))

    def _describe(self, call: Call) -> Answer:
        name = call.qualified(call.reader.name())
        call.reader.end()
        self.get(name)
        found = self._store.get(KIND, name) or {}
        signature = f"({found['argument']} {found['type']})"
        return Answer(
            ["name", "signature", "return_type", "body"],
            [(name[-1], signature, found["type"], found["body"])],
        )


def _type(word: str) -> str:
    return _SYNONYMS.get(word, word)


def _parsed(body: str) -> exp.Expr:
    """A body as an expression. Raises 000002 for what could not be evaluated here without its rows."""
    try:
        found: exp.Expr = sqlglot.parse_one(body, read="snowflake")
    except SqlglotError as error:
        raise errors.syntax(f"body of a masking policy: {body}") from error
    if found.find(exp.Query):
        raise errors.unsupported("masking policy that queries a table")
    known = (IS_ROLE_IN_SESSION, TAG_ON_CURRENT_COLUMN)
    for function in found.find_all(exp.Anonymous):
        if function.name.upper() not in known:
            raise errors.unsupported(f"{function.name} in a masking policy")
    return found
