"""Queries see masked columns through the policies of their tags (extension "masking").

A policy applies wherever a column is read, through views, too, and to every role, the owner's and the
administrator's included ("Understanding Column-level Security", Snowflake user guide).
"""

from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from local_snowflake import session
from local_snowflake.account.grants import Grants
from local_snowflake.catalogue import named_tables
from local_snowflake.catalogue.relations import Relations
from local_snowflake.governance.masking_policies import (
    IS_ROLE_IN_SESSION,
    TAG_ON_CURRENT_COLUMN,
    MaskingPolicies,
)
from local_snowflake.governance.tags import Tags, Values
from local_snowflake.pinned import private, replace
from local_snowflake.sql import Reader
from local_snowflake.store import Name

_cursor = private("masking", "fakesnow.cursor", "FakeSnowflakeCursor._transform")

# What DuckDB calls the types that policies are for.
_TYPES = {"VARCHAR": "VARCHAR", "JSON": "ARRAY"}


class Masking:
    """Rewrites the statements of roles that may not see everything."""

    def __init__(self, tags: Tags, policies: MaskingPolicies, grants: Grants, relations: Relations) -> None:
        self._tags = tags
        self._policies = policies
        self._grants = grants
        self._relations = relations
        self._exempt: dict[tuple[Any, ...], bool] = {}

    def install(self) -> None:
        """Put masked columns in the place of those that a session's role may not see."""

        def build(original: Any) -> Any:
            def transform(cursor: Any, expression: exp.Expr, params: Any) -> Any:
                transformed = original(cursor, expression, params)
                if not self._sees_everything(session.role(cursor._conn)):
                    self._mask(transformed, cursor._conn, (cursor._conn.database, cursor._conn.schema))
                return transformed

            return transform

        replace(_cursor.FakeSnowflakeCursor, "_transform", build)

    def _sees_everything(self, role: str) -> bool:
        """Whether no policy of any tag hides anything from a role, whatever the tag's value: asked for every
        statement, so remembered."""
        known = (role, *self._tags.changes())
        if known not in self._exempt:
            value = exp.column("value")
            self._exempt[known] = all(
                self._applied(tuple(policy), value, None, None, role) == value
                for policy in self._tags.policies()
            )
        return self._exempt[known]

    def _mask(self, statement: exp.Expr, connection: Any, current: tuple[Any, Any]) -> bool:
        """Mask the relations that a DuckDB statement reads; returns whether there were any to mask."""
        found = False
        for table in named_tables.read(statement):
            name = named_tables.full_name(table, *current)
            if name and (query := self._masked(name, connection)) is not None:
                alias = table.alias or table.name
                subquery = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, True)))
                for part in ("joins", "laterals", "pivots"):
                    subquery.set(part, table.args.get(part))
                table.replace(subquery)
                found = True
        return found

    def _masked(self, name: Name, connection: Any) -> exp.Query | None:
        """A query that shows of a relation what a session may see; None if that is all of it."""
        source = self._source(name, connection)
        tags = self._tags.of_columns(name)
        if source is None and not tags:
            return None
        types = self._tags.types(name)
        selected: list[exp.Expr] = []
        hidden = False
        for column, kind in types.items():
            shown: exp.Expr = exp.column(exp.to_identifier(column, True))
            masked = self._seen(shown, kind, tags.get(column, {}), connection)
            hidden = hidden or masked != shown
            selected.append(exp.alias_(masked, column, quoted=True))
        if not hidden and source is None:
            return None
        inner: exp.Expr
        if source is None:
            database, schema, relation = (exp.to_identifier(part, quoted=True) for part in name)
            inner = exp.Table(this=relation, db=schema, catalog=database)
        else:
            named = [exp.to_identifier(column, quoted=True) for column in types]
            alias = exp.TableAlias(this=exp.to_identifier("masked"), columns=named)
            inner = exp.Subquery(this=source, alias=alias)
        return exp.select(*selected).from_(inner)

    def _source(self, name: Name, connection: Any) -> exp.Query | None:
        """The query of a view that reads something to be masked."""
        relation = next(iter(self._relations.all(name)), None)
        if relation is None or relation.kind != "VIEW" or not relation.definition:
            return None
        created = sqlglot.parse_one(relation.definition, read="duckdb")
        query = created.expression
        # DuckDB keeps a view's names as the view's place resolves them, whatever the session's current one.
        for table in named_tables.read(query):
            for part, own in (("catalog", name[0]), ("db", name[1])):
                if not table.args.get(part):
                    table.set(part, exp.to_identifier(own, quoted=True))
        return query if self._mask(query, connection, (name[0], name[1])) else None

    def _seen(self, column: exp.Expr, kind: str, values: Values, connection: Any) -> exp.Expr:
        for tag, value in values.items():
            carried = self._tags.get(tuple(tag.split(".")))["policies"]
            if policy := carried.get(_TYPES.get(kind, kind)):
                column = self._applied(tuple(policy), column, tag, value, session.role(connection))
        return column

    def _applied(
        self, policy: Name, column: exp.Expr, tag: str | None, value: str | None, role: str
    ) -> exp.Expr:
        """What a policy makes of a column; without a tag, as far as it is the same for every value."""
        definition = self._policies.get(policy)
        roles = self._grants.inherited(role)

        def known(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.CurrentRole):
                return exp.Literal.string(role)
            if isinstance(node, exp.Anonymous) and node.name.upper() == IS_ROLE_IN_SESSION:
                return exp.Boolean(this=node.expressions[0].name in roles)
            if (
                tag is not None
                and isinstance(node, exp.Anonymous)
                and node.name.upper() == TAG_ON_CURRENT_COLUMN
            ):
                asked = ".".join(Reader(node.expressions[0].name).name())
                return exp.Literal.string(str(value)) if asked == tag else exp.null()
            if isinstance(node, exp.Column) and node.name.upper() == definition.argument:
                return column.copy()
            return node

        seen: exp.Expr = simplify(simplify(definition.body.copy().transform(known)).transform(_folded))
        return seen


def _folded(node: exp.Expr) -> exp.Expr:
    """Whether a literal is in a list of literals, which sqlglot leaves to the database."""
    if not isinstance(node, exp.In) or not isinstance(node.this, exp.Literal):
        return node
    return exp.Boolean(this=node.this in node.expressions)
