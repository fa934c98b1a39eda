"""Roles, and which role a session has."""

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.lifecycle import drop_named, dropped, kept, used
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Store

KIND = "ROLE"
# Roles of every account (Snowflake documentation, "Overview of Access Control").
SYSTEM_ROLES = ("ACCOUNTADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")
_COLUMNS = columns(
    "created_on name is_default is_current is_inherited assigned_to_users "
    "granted_to_roles granted_roles owner comment"
)


class Roles:
    """The statements on roles."""

    def __init__(self, store: Store, grants: Grants) -> None:
        self._store = store
        self._grants = grants

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE ROLE": self._create,
            "ALTER ROLE": self._alter,
            "DROP ROLE": self._drop,
            "SHOW ROLES": self._show,
            "USE ROLE": self._use,
            "USE SECONDARY ROLES": self._use_secondary,
        }

    def exists(self, name: str) -> bool:
        """Whether there is such a role."""
        return name in SYSTEM_ROLES or self._store.get(KIND, (name,)) is not None

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.reader.identifier()
        options = call.reader.options()
        call.reader.end()
        comment = options.pop("COMMENT", "")
        if options:
            raise errors.invalid_property(next(iter(options)))
        if answer := kept(call, self.exists(name), keep, (name,)):
            return answer
        self._store.put(KIND, (name,), {"owner": session.role(call.cursor._conn), "comment": comment})
        return status(f"Role {name} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        call.reader.expect("SET")
        options = call.reader.options()
        call.reader.end()
        found = self._store.get(KIND, (name,))
        if found is None:
            return dropped(False, optional, "Role", (name,))
        if set(options) != {"COMMENT"}:
            raise errors.unsupported(f"ALTER ROLE … SET {', '.join(options)}")
        self._store.put(KIND, (name,), {**found, "comment": options["COMMENT"]})
        return status()

    def _drop(self, call: Call) -> Answer:
        return drop_named(call, self._store, KIND, lambda name: self._grants.forget_grantee(KIND, name))

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        current = session.role(call.cursor._conn)
        found = {name[0]: (document, created) for name, document, created in self._store.all(KIND)}
        rows = []
        for name in sorted({*found, *SYSTEM_ROLES}):
            if asked.matches(name):
                document, created = found.get(name, ({"owner": "", "comment": ""}, None))
                yes = "Y" if name == current else "N"
                counts = (self._grants.count_to("USER", name), self._grants.count_to("ROLE", name))
                to_it = len(self._grants.roles_of("ROLE", name))
                rows.append(
                    (created, name, "N", yes, "N", *counts, to_it, document["owner"], document["comment"])
                )
        integers = frozenset({"assigned_to_users", "granted_to_roles", "granted_roles"})
        return Answer(_COLUMNS, first(rows, asked.limit), integers)

    def _use(self, call: Call) -> Answer:
        session.use_role(call.cursor._conn, used(call, KIND, self.exists))
        return status()

    def _use_secondary(self, call: Call) -> Answer:
        if not (call.reader.accept("ALL") or call.reader.accept("NONE")):
            raise errors.syntax("USE SECONDARY ROLES takes ALL or NONE")
        call.reader.end()
        return status()
