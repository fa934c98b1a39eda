"""Grants: recorded, shown, and asked for what a role holds; see privileges.py for what is refused."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from local_snowflake import errors, session
from local_snowflake.sql import Reader
from local_snowflake.store import Name, Store

KIND = "GRANT"
_PLURALS = {
    "DATABASES": "DATABASE",
    "SCHEMAS": "SCHEMA",
    "TABLES": "TABLE",
    "VIEWS": "VIEW",
    "EXTERNAL TABLES": "EXTERNAL TABLE",
    "STAGES": "STAGE",
    "FILE FORMATS": "FILE FORMAT",
}
OBJECTS = (
    *_PLURALS.values(),
    *("WAREHOUSE", "INTEGRATION", "USER", "ROLE", "ACCOUNT", "TAG", "MASKING POLICY"),
)


@dataclass(frozen=True)
class Grant:
    """A privilege on an object, or on all objects to come of a kind, or the membership in a role (USAGE on
    ROLE).

    on: the kind of object; name: its qualified name, or that of the schema or database of the objects to
    come.
    """

    privilege: str
    on: str
    name: str
    to_kind: str
    to: str
    by: str
    future: bool = False
    with_option: bool = False

    @property
    def identity(self) -> Name:
        """What makes two grants the same."""
        return (json.dumps([self.privilege, self.on, self.name, self.to_kind, self.to, self.future]),)


@dataclass(frozen=True)
class Target:
    """What a GRANT statement is on. names: of one object, of ALL there are, or of where FUTURE ones will
    be."""

    on: str
    names: list[Name]
    future: bool = False


class Grants:
    """The recorded grants."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: list[Grant] | None = None

    def all(self) -> Iterator[tuple[Grant, datetime]]:
        """Every grant and when it was made."""
        for _, found, created in self._store.all(KIND):
            yield Grant(**found), created

    def roles_of(self, kind: str, name: str) -> list[str]:
        """Roles granted to a user or a role."""
        return [
            g.name
            for g in self._recorded()
            if g.on == "ROLE" and g.privilege == "USAGE" and (g.to_kind, g.to) == (kind, name)
        ]

    def count_to(self, kind: str, role: str) -> int:
        """How many users or roles a role is granted to."""
        return sum(
            g.on == "ROLE" and g.privilege == "USAGE" and g.name == role and g.to_kind == kind
            for g in self._recorded()
        )

    def has_role(self, user: str, role: str) -> bool:
        """Whether a user may use a role: it was granted the role or another that was."""
        pending, seen = self.roles_of("USER", user), set[str]()
        while pending:
            name = pending.pop()
            if name == role:
                return True
            if name not in seen:
                seen.add(name)
                pending += self.roles_of("ROLE", name)
        return role == "PUBLIC"

    def inherited(self, role: str) -> set[str]:
        """A role and all that it inherits."""
        roles, pending = set[str](), [role]
        while pending:
            if (inherited := pending.pop()) not in roles:
                roles.add(inherited)
                pending += self.roles_of("ROLE", inherited)
        return roles

    def holds(self, role: str, privilege: str, on: str, name: Name) -> bool:
        """Whether a role, or one that it inherits, was granted a privilege on an object or owns it."""
        if self.owns(role, on, name):
            return True
        roles = self.inherited(role)
        text = ".".join(name)
        # SELECT ON TABLE is how a privilege on a view or an external table may be granted, too.
        kinds = {on, "TABLE"} if on in ("VIEW", "EXTERNAL TABLE") else {on}
        return any(
            not grant.future
            and grant.privilege == privilege
            and (grant.to_kind, grant.to in roles) == ("ROLE", True)
            and (grant.on in kinds and grant.name == text)
            for grant in self._recorded()
        )

    def owns(self, role: str, on: str, name: Name) -> bool:
        """Whether a role, or one that it inherits, owns an object."""
        kind, stored = _stored(on, name)
        return (self._store.get(kind, stored) or {}).get("owner") in self.inherited(role)

    def check_owns(self, role: str, on: str, name: Name) -> None:
        """Raises 003001 if a role may not alter or drop an object: that is its owner's."""
        if role != session.ADMINISTRATOR and not self.owns(role, on, name):
            raise errors.insufficient_privileges(on, ".".join(name))

    def check_may_create(self, role: str, on: str, schema: Name) -> None:
        """Raises 003001 if a role may not create objects of a kind in a schema."""
        if role != session.ADMINISTRATOR and not self.holds(role, f"CREATE {on}", "SCHEMA", schema):
            raise errors.insufficient_privileges("SCHEMA", ".".join(schema))

    def _recorded(self) -> list[Grant]:
        """The grants as they were made; asked for every statement, and changed by few."""
        if self._kept is None:
            self._kept = [Grant(**found) for _, found, _ in self._store.all(KIND)]
        return self._kept

    def add(self, grant: Grant) -> None:
        """Record a grant. There is one owner of an object only."""
        if grant.privilege == "OWNERSHIP" and not grant.future:
            self._forget(
                lambda other: (other.privilege, other.on, other.name) == ("OWNERSHIP", grant.on, grant.name)
            )
            self._give(grant)
        self._store.put(KIND, grant.identity, asdict(grant))
        self._kept = None

    def remove(self, grant: Grant) -> None:
        """Take a grant back."""
        self._store.delete(KIND, grant.identity)
        self._kept = None

    def forget_grantee(self, kind: str, name: str) -> None:
        """Forget what was granted to a dropped role or user, and a dropped role's memberships."""
        self._forget(
            lambda grant: (grant.to_kind, grant.to) == (kind, name) or (grant.on, grant.name) == (kind, name)
        )

    def created(self, on: str, name: Name, copied: bool = False) -> None:
        """Give a new object the grants that were made for objects to come, in place of those of the object
        of its name that it may have replaced: "CREATE TABLE", COPY GRANTS.

        copied: with COPY GRANTS the replaced object's stay, and the new one gets no others ("CREATE OR
        REPLACE: Grants on the replaced object are copied by default", which tells both behaviours).
        """
        if copied:
            return
        text = ".".join(name)
        self.forget_object(on, name)
        # Those of the schema take precedence over the database's ("Fix future grant materialization
        # precedence").
        for place in (name[:2], name[:1]):
            future = [
                grant
                for grant in self._recorded()
                if grant.future and grant.on == on and grant.name == ".".join(place)
            ]
            for grant in future:
                self.add(replace(grant, name=text, future=False))
            if future:
                return

    def renamed(self, on: str, name: Name, new: Name) -> None:
        """Have an object's grants follow its new name, which no grant on objects to come is for."""
        old = ".".join(name)
        for grant in self._recorded():
            if not grant.future and grant.on in (on, "TABLE") and grant.name == old:
                self.remove(grant)
                self.add(replace(grant, name=".".join(new)))

    def forget_object(self, on: str, name: Name) -> None:
        """Forget what was granted on a dropped object and on what was in it."""
        text = ".".join(name)
        # SELECT ON TABLE is how a privilege on a view or an external table may be granted, too.
        kinds = {on, "TABLE"} if on in ("VIEW", "EXTERNAL TABLE") else {on}
        self._forget(
            lambda grant: (
                (grant.on in kinds and grant.name == text and not grant.future)
                or (on in ("DATABASE", "SCHEMA") and f"{grant.name}.".startswith(f"{text}."))
            )
        )

    def _give(self, grant: Grant) -> None:
        kind, stored = _stored(grant.on, tuple(grant.name.split(".")))
        self._store.put(kind, stored, {**(self._store.get(kind, stored) or {}), "owner": grant.to})

    def _forget(self, condition: Callable[[Grant], bool]) -> None:
        for grant in self._recorded():
            if condition(grant):
                self.remove(grant)


def _stored(on: str, name: Name) -> tuple[str, Name]:
    """Where the store has an object: its kind and name."""
    kind = "RELATION" if on in ("TABLE", "VIEW") else on
    return kind, (*name, *[""] * (3 - len(name))) if on in ("DATABASE", "SCHEMA") else name


def read_object_kind(reader: Reader) -> str:
    """Read a kind of object such as EXTERNAL TABLE; TABLE where there is none."""
    for kind in sorted(OBJECTS, key=len, reverse=True):
        if reader.accept(*kind.split()):
            return kind
    return "TABLE"


def read_plural(reader: Reader) -> str:
    """Read the kind of ALL or FUTURE objects. Raises 000002 for kinds that the local Snowflake has none
    of."""
    for plural, kind in sorted(_PLURALS.items(), key=lambda pair: len(pair[0]), reverse=True):
        if reader.accept(*plural.split()):
            return kind
    raise errors.unsupported(f"grant on {reader.rest()}")
