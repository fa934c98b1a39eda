"""Tags, and which columns carry them ("Introduction to object tagging", Snowflake user guide)."""

import re
from collections.abc import Callable

from duckdb import DuckDBPyConnection

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.catalogue.relations import TAGS, Relation, Relations
from local_snowflake.lifecycle import dropped, kept
from local_snowflake.show import Filter, first
from local_snowflake.sql import Reader
from local_snowflake.statements import Answer, Call, Handler, Handlers, columns, status
from local_snowflake.store import Name, Properties, Store

KIND = "TAG"
_OF_SCHEMA = "TAGS OF SCHEMA"
_SHOWN = columns("created_on name database_name schema_name owner comment allowed_values owner_role_type")
_ABOUT_COLUMNS = re.compile(
    r"(?:ALTER|MODIFY)\s+(?:COLUMN\s+)?(?:\"[^\"]+\"|\w+)\s+(?:SET|UNSET)\s+TAG\b", re.I
)
_COLUMNS = """
SELECT column_name, data_type FROM duckdb_columns()
WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index
"""

Values = dict[str, str]
"""Values of tags by the tags' full names."""


class Tags:
    """The statements on tags. A column has a tag of its own or inherits its schema's."""

    def __init__(
        self, store: Store, connection: DuckDBPyConnection, relations: Relations, grants: Grants
    ) -> None:
        self._store = store
        self._connection = connection
        self._relations = relations
        self._grants = grants

    def handlers(self, gated: Callable[[str, Handler], Handler]) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE TAG": gated(KIND, self._create),
            "ALTER TAG": gated(KIND, self._alter),
            "DROP TAG": gated(KIND, self._drop),
            "SHOW TAGS": gated(KIND, self._show),
            "ALTER VIEW": self._alter_view,
        }

    def get(self, name: Name) -> Properties:
        """A tag's document. Raises 002003 if there is none."""
        found = self._store.get(KIND, name)
        if found is None:
            raise errors.does_not_exist("Tag", ".".join(name))
        return found

    def changes(self) -> tuple[int, ...]:
        """Changes with everything that decides who sees what, except for the tags of columns."""
        return self._store.changes(KIND, "MASKING POLICY", "GRANT")

    def policies(self) -> list[list[str]]:
        """The masking policies that tags carry."""
        return [policy for _, found, _ in self._store.all(KIND) for policy in found["policies"].values()]

    def carrying(self, policy: Name) -> list[Name]:
        """The tags that a masking policy is set on."""
        return [
            name for name, found, _ in self._store.all(KIND) if list(policy) in found["policies"].values()
        ]

    def of_columns(self, relation: Name) -> dict[str, Values]:
        """The tags of each column of a table or view, the inherited ones included."""
        inherited = (self._store.get(_OF_SCHEMA, (*relation[:2], "")) or {}).get("tags", {})
        assigned = self._assigned(relation)
        if not inherited and not assigned:
            return {}
        return {column: {**inherited, **assigned.get(column, {})} for column in self.types(relation)}

    def types(self, relation: Name) -> dict[str, str]:
        """DuckDB's types of the columns of a table or view, in their order."""
        found = self._connection.cursor().execute(_COLUMNS, list(relation)).fetchall()
        return {str(column): str(kind) for column, kind in found}

    def set_on_schema(self, call: Call, schema: Name) -> Answer:
        """ALTER SCHEMA … SET TAG, read up to TAG: what the schema's columns inherit."""
        name, value = self._assignment(call, "SCHEMA", schema)
        call.reader.end()
        found = self._store.get(_OF_SCHEMA, (*schema, "")) or {"tags": {}}
        self._store.put(_OF_SCHEMA, (*schema, ""), {"tags": {**found["tags"], ".".join(name): value}})
        return status()

    @staticmethod
    def are_meant(reader: Reader) -> bool:
        """Whether what follows the name in ALTER TABLE or ALTER VIEW is about the tags of columns."""
        if reader.accept("SET", "TAG") or reader.accept("UNSET", "TAG"):
            raise errors.unsupported("tags of a table or view as a whole")
        token = reader.peek()
        return token is not None and _ABOUT_COLUMNS.match(reader.statement, token.start) is not None

    def _alter_view(self, call: Call) -> Answer | None:
        call.if_exists()
        view = call.qualified(call.reader.name())
        return self.alter_columns(call, view) if self.are_meant(call.reader) else None

    def alter_columns(self, call: Call, relation: Name) -> Answer:
        """MODIFY COLUMN a SET TAG t = 'v', COLUMN b SET TAG …, read up to MODIFY ("ALTER VIEW", Snowflake SQL
        reference)."""
        found = self._relations.all(relation)
        if not found:
            raise errors.does_not_exist("Table", ".".join(relation))
        there = self.types(relation)
        assigned = self._assigned(relation)
        call.reader.take()
        while True:
            call.reader.accept("COLUMN")
            column = call.reader.identifier()
            if column not in there:
                raise errors.invalid_identifier(column)
            call.reader.expect("SET", "TAG")
            name, value = self._assignment(call, found[0].kind, relation)
            assigned[column] = {**assigned.get(column, {}), ".".join(name): value}
            if not call.reader.accept(","):
                break
        call.reader.end()
        self._store.put(TAGS, relation, {"of": _identity(found[0]), "columns": assigned})
        return status()

    def _assigned(self, relation: Name) -> dict[str, Values]:
        """What was set on the columns of a relation since it was last made: a replaced one has no tags."""
        document = self._store.get(TAGS, relation)
        if document is None:
            return {}
        current = next(iter(self._relations.all(relation)), None)
        return dict(document["columns"]) if current and document["of"] == _identity(current) else {}

    def _assignment(self, call: Call, kind: str, target: Name) -> tuple[Name, str]:
        name = call.qualified(call.reader.name())
        call.reader.expect("=")
        value = call.reader.string()
        tag = self.get(name)
        allowed = tag["allowed_values"]
        if allowed and value not in allowed:
            raise errors.invalid_option(".".join(name), value, f"one of {', '.join(allowed)}")
        role = session.role(call.cursor._conn)
        everywhere = self._grants.holds(role, "APPLY TAG", "ACCOUNT", ("",))
        owned = self._grants.owns(role, kind, target)
        if role != session.ADMINISTRATOR and not (
            everywhere or (owned and self._grants.holds(role, "APPLY", KIND, name))
        ):
            raise errors.not_authorized(f"operate on tag '{name[-1]}'")
        return name, value

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.qualified(call.reader.name())
        allowed = _allowed_values(call.reader)
        comment = call.reader.options().get("COMMENT", "")
        call.reader.end()
        self._grants.check_may_create(session.role(call.cursor._conn), KIND, name[:2])
        if answer := kept(call, self._store.get(KIND, name) is not None, keep, name):
            return answer
        owner = session.role(call.cursor._conn)
        self._store.put(
            KIND, name, {"allowed_values": allowed, "policies": {}, "owner": owner, "comment": comment}
        )
        return status(f"Tag {name[-1]} successfully created.")

    def _alter(self, call: Call) -> Answer:
        name = call.qualified(call.reader.name())
        found = self.get(name)
        role = session.role(call.cursor._conn)
        self._grants.check_owns(role, KIND, name)
        if call.reader.accept("SET", "MASKING", "POLICY"):
            if role != session.ADMINISTRATOR and not self._grants.holds(
                role, "APPLY MASKING POLICY", "ACCOUNT", ("",)
            ):
                raise errors.not_authorized("apply masking policies")
            found["policies"] = self._with_policies(call, found["policies"])
        elif call.reader.accept("SET"):
            allowed = _allowed_values(call.reader)
            options = call.reader.options()
            found |= {"allowed_values": allowed or found["allowed_values"]}
            found |= {"comment": options.get("COMMENT", found["comment"])}
        else:
            raise errors.unsupported(f"ALTER TAG … {call.reader.rest()}")
        call.reader.end()
        self._store.put(KIND, name, found)
        return status()

    def _with_policies(self, call: Call, present: dict[str, list[str]]) -> dict[str, list[str]]:
        """A tag carries one policy for each type; another one takes its place by FORCE only."""
        wanted: dict[str, list[str]] = {}
        while True:
            policy = call.qualified(call.reader.name())
            document = self._store.get("MASKING POLICY", policy)
            if document is None:
                raise errors.does_not_exist("Masking policy", ".".join(policy))
            if document["type"] in wanted:
                raise errors.invalid_option("MASKING POLICY", ".".join(policy), "one policy for each type")
            wanted[document["type"]] = list(policy)
            if not call.reader.accept(",", "MASKING", "POLICY"):
                break
        if not call.reader.accept("FORCE") and (taken := set(wanted) & set(present)):
            raise errors.invalid_option("MASKING POLICY", sorted(taken), "a type without a policy, or FORCE")
        return {**present, **wanted}

    def _drop(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.qualified(call.reader.name())
        call.reader.end()
        if self._store.get(KIND, name) is not None:
            self._grants.check_owns(session.role(call.cursor._conn), KIND, name)
        return dropped(self._store.delete(KIND, name), optional, "Tag", name)

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = [
            (
                created,
                name[2],
                *name[:2],
                found["owner"],
                found["comment"],
                str(found["allowed_values"]),
                "ROLE",
            )
            for name, found, created in self._store.all(KIND, asked.within(call))
            if asked.matches(name[2])
        ]
        return Answer(_SHOWN, first(rows, asked.limit))


def _identity(relation: Relation) -> str:
    return str(relation.created_on)


def _allowed_values(reader: Reader) -> list[str]:
    if not reader.accept("ALLOWED_VALUES"):
        return []
    found = [reader.string()]
    while reader.accept(","):
        found.append(reader.string())
    return found
