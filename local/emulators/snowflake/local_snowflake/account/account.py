"""The objects of the account, and which of all objects there are."""

from collections.abc import Callable

from local_snowflake.account.grant_statements import GrantStatements
from local_snowflake.account.grants import Grants
from local_snowflake.account.roles import Roles
from local_snowflake.account.users import Users
from local_snowflake.account.warehouses import Warehouses
from local_snowflake.catalogue.databases import Databases
from local_snowflake.catalogue.relations import Relations
from local_snowflake.catalogue.schemas import Schemas
from local_snowflake.engine import Engine
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.governance.tags import Tags
from local_snowflake.statements import Handlers
from local_snowflake.store import Name, Store


class Account:
    """Roles, users, warehouses, databases and schemas, with the grants on them and on what is in them."""

    def __init__(self, store: Store, engine: Engine, relations: Relations, tables: ExternalTables) -> None:
        self._store = store
        self._relations = relations
        self.grants = Grants(store)
        self.tags = Tags(store, engine.duck_conn, relations, self.grants)
        self.roles = Roles(store, self.grants)
        self.users = Users(store, self.grants)
        self._warehouses = Warehouses(store, self.grants)
        self._databases = Databases(store, engine, self.grants, tables)
        self._schemas = Schemas(store, engine, self.grants, tables, self.tags)

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            **self.roles.handlers(),
            **self.users.handlers(),
            **self._warehouses.handlers(),
            **self._databases.handlers(),
            **self._schemas.handlers(),
            **GrantStatements(self.grants, self._exists, self._objects_of).handlers(),
        }

    def _exists(self, kind: str, name: Name) -> bool:
        checks: dict[str, Callable[[], bool]] = {
            "ROLE": lambda: self.roles.exists(name[0]),
            "USER": lambda: self.users.exists(name[0]),
            "WAREHOUSE": lambda: self._warehouses.exists(name[0]),
            "DATABASE": lambda: self._databases.exists(name[0]),
            "SCHEMA": lambda: self._schemas.exists(name),
            # SELECT ON TABLE is how a privilege on a view or an external table may be granted, too.
            "TABLE": lambda: bool(self._relations.all(name)),
            "VIEW": lambda: name in self._objects_of("VIEW", name),
        }
        return checks[kind]() if kind in checks else self._store.get(kind, name) is not None

    def _objects_of(self, kind: str, within: Name) -> list[Name]:
        if kind in ("TABLE", "VIEW", "EXTERNAL TABLE"):
            found = self._relations.all(within)
            return [(r.database, r.schema, r.name) for r in found if r.kind == kind]
        return [name for name, _, _ in self._store.all(kind, within)]
