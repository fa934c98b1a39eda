"""GRANT, REVOKE and SHOW GRANTS."""

from collections.abc import Callable

from local_snowflake import errors, session
from local_snowflake.account.grants import Grant, Grants, Target, read_object_kind, read_plural
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call, Handlers, status
from local_snowflake.store import Name

_ACCOUNT_KINDS = ("DATABASE", "WAREHOUSE", "INTEGRATION", "USER", "ROLE")
_COLUMNS = [
    "created_on",
    "privilege",
    "granted_on",
    "name",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
]
_FUTURE_COLUMNS = ["created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"]

Exists = Callable[[str, Name], bool]
"""Whether there is an object of a kind and name."""

ObjectsOf = Callable[[str, Name], list[Name]]


class GrantStatements:
    """The statements on grants."""

    def __init__(self, grants: Grants, exists: Exists, objects_of: ObjectsOf) -> None:
        self._grants = grants
        self._exists = exists
        self._objects_of = objects_of

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "GRANT": lambda call: self._change(call, "TO", self._grants.add),
            "REVOKE": lambda call: self._change(call, "FROM", self._grants.remove),
            "SHOW GRANTS": self._show,
            "SHOW FUTURE GRANTS": self._show_future,
        }

    def _change(self, call: Call, preposition: str, change: Callable[[Grant], None]) -> Answer:
        reader = call.reader
        if reader.accept("GRANT", "OPTION", "FOR"):
            raise errors.unsupported("REVOKE GRANT OPTION FOR")
        if reader.accept("ROLE"):
            privileges, target = ["USAGE"], Target("ROLE", [(reader.identifier(),)])
            self._check_exists("ROLE", target.names[0])
        elif reader.accept("DATABASE", "ROLE") or reader.accept("APPLICATION", "ROLE"):
            raise errors.unsupported("database roles and application roles")
        else:
            privileges, target = _privileges(reader), self._target(call)
        reader.expect(preposition)
        to_kind, to = self._grantee(reader)
        with_option = _ending(reader)
        by = session.role(call.cursor._conn)
        for privilege in privileges:
            for name in target.names:
                change(
                    Grant(privilege, target.on, ".".join(name), to_kind, to, by, target.future, with_option)
                )
        return status()

    def _grantee(self, reader: Reader) -> tuple[str, str]:
        for kind in ("DATABASE", "APPLICATION", "SHARE"):
            if reader.accept(kind):
                raise errors.unsupported(f"grants to a {kind}")
        kind = "USER" if reader.accept("USER") else "ROLE"
        reader.accept("ROLE")
        name = reader.identifier()
        self._check_exists(kind, (name,))
        return kind, name

    def _target(self, call: Call) -> Target:
        reader = call.reader
        reader.expect("ON")
        if reader.accept("ACCOUNT"):
            return Target("ACCOUNT", [("",)])
        for which in ("ALL", "FUTURE"):
            if reader.accept(which):
                on = read_plural(reader)
                reader.expect("IN")
                place = self._place(call)
                names = [place] if which == "FUTURE" else self._objects_of(on, place)
                return Target(on, names, future=which == "FUTURE")
        on = read_object_kind(reader)
        name = _qualified(call, on, reader.name())
        self._check_exists(on, name)
        return Target(on, [name])

    def _place(self, call: Call) -> Name:
        kind = "DATABASE" if call.reader.accept("DATABASE") else "SCHEMA"
        if kind == "SCHEMA":
            call.reader.expect("SCHEMA")
        name = _qualified(call, kind, call.reader.name())
        self._check_exists(kind, name)
        return name

    def _check_exists(self, kind: str, name: Name) -> None:
        if not self._exists(kind, name):
            raise errors.does_not_exist(kind.capitalize(), ".".join(name))

    def _show(self, call: Call) -> Answer:
        reader = call.reader
        if reader.accept("TO"):
            kind, name = self._grantee(reader)
            reader.end()
            return self._rows(lambda grant: (grant.to_kind, grant.to) == (kind, name) and not grant.future)
        if reader.accept("OF", "ROLE"):
            role = reader.identifier()
            reader.end()
            self._check_exists("ROLE", (role,))
            rows = [
                (created, g.name, g.to_kind, g.to, g.by)
                for g, created in self._grants.all()
                if g.on == "ROLE" and g.privilege == "USAGE" and g.name == role
            ]
            return Answer(["created_on", "role", "granted_to", "grantee_name", "granted_by"], rows)
        if reader.accept("ON"):
            target = self._shown(call)
            return self._rows(lambda grant: (grant.on, grant.name) == target and not grant.future)
        reader.end()
        role = session.role(call.cursor._conn)
        return self._rows(lambda grant: (grant.to_kind, grant.to) == ("ROLE", role) and not grant.future)

    def _shown(self, call: Call) -> tuple[str, str]:
        if call.reader.accept("ACCOUNT"):
            call.reader.end()
            return "ACCOUNT", ""
        on = read_object_kind(call.reader)
        name = _qualified(call, on, call.reader.name())
        call.reader.end()
        self._check_exists(on, name)
        return on, ".".join(name)

    def _show_future(self, call: Call) -> Answer:
        if call.reader.accept("TO", "ROLE"):
            role = call.reader.identifier()
            call.reader.end()
            chosen = [
                (g, c) for g, c in self._grants.all() if g.future and (g.to_kind, g.to) == ("ROLE", role)
            ]
        else:
            call.reader.expect("IN")
            place = ".".join(self._place(call))
            call.reader.end()
            chosen = [(g, c) for g, c in self._grants.all() if g.future and g.name == place]
        rows = [
            (
                created,
                g.privilege,
                g.on.replace(" ", "_"),
                f"{g.name}.<{g.on}>",
                g.to_kind,
                g.to,
                str(g.with_option).lower(),
            )
            for g, created in chosen
        ]
        return Answer(_FUTURE_COLUMNS, rows)

    def _rows(self, wanted: Callable[[Grant], bool]) -> Answer:
        rows = [
            (
                created,
                g.privilege,
                g.on.replace(" ", "_"),
                g.name,
                g.to_kind,
                g.to,
                str(g.with_option).lower(),
                g.by,
            )
            for g, created in self._grants.all()
            if wanted(g)
        ]
        return Answer(_COLUMNS, rows)


def _privileges(reader: Reader) -> list[str]:
    """Privileges up to ON; each may have several words."""
    found: list[list[str]] = [[]]
    while (token := reader.peek()) is not None and token.text.upper() != "ON":
        if reader.accept(","):
            found.append([])
        else:
            found[-1].append(reader.take().text.upper())
    if not all(found):
        raise errors.syntax("a privilege is missing before ON")
    return [" ".join(words) for words in found]


def _qualified(call: Call, kind: str, name: Name) -> Name:
    if kind in _ACCOUNT_KINDS:
        return name
    if kind == "SCHEMA":
        return name if len(name) == 2 else call.in_database(name[0])
    return call.qualified(name)


def _ending(reader: Reader) -> bool:
    """Read what may follow the grantee; returns whether the grantee may grant the privilege in turn."""
    with_option = reader.accept("WITH", "GRANT", "OPTION")
    for copy in ("COPY", "REVOKE"):
        reader.accept(copy, "CURRENT", "GRANTS")
    if not reader.accept("CASCADE"):
        reader.accept("RESTRICT")
    reader.end()
    return with_option
