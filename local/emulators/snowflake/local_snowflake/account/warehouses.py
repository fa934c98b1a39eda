"""Warehouses: recorded, shown and chosen. Every query runs on this machine, whatever the warehouse."""

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.lifecycle import drop_named, dropped, kept, used
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Properties, Store

KIND = "WAREHOUSE"
# Sizes by the spelling without spaces, hyphens and quotes (Snowflake documentation, "CREATE WAREHOUSE").
_SIZES = {"XSMALL": "X-Small", "SMALL": "Small", "MEDIUM": "Medium", "LARGE": "Large", "XLARGE": "X-Large"}
_SETTABLE = {
    "WAREHOUSE_SIZE",
    "WAREHOUSE_TYPE",
    "AUTO_SUSPEND",
    "AUTO_RESUME",
    "INITIALLY_SUSPENDED",
    "MIN_CLUSTER_COUNT",
    "MAX_CLUSTER_COUNT",
    "SCALING_POLICY",
    "STATEMENT_TIMEOUT_IN_SECONDS",
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
    "RESOURCE_MONITOR",
    "COMMENT",
}
_COLUMNS = columns(
    "name state type size min_cluster_count max_cluster_count started_clusters running "
    "queued is_default is_current auto_suspend auto_resume created_on owner comment "
    "scaling_policy owner_role_type"
)
_INTEGERS = frozenset(
    {"min_cluster_count", "max_cluster_count", "started_clusters", "running", "queued", "auto_suspend"}
)


class Warehouses:
    """The statements on warehouses."""

    def __init__(self, store: Store, grants: Grants) -> None:
        self._store = store
        self._grants = grants

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE WAREHOUSE": self._create,
            "ALTER WAREHOUSE": self._alter,
            "DROP WAREHOUSE": self._drop,
            "SHOW WAREHOUSES": self._show,
            "USE WAREHOUSE": self._use,
        }

    def exists(self, name: str) -> bool:
        """Whether there is such a warehouse."""
        return self._store.get(KIND, (name,)) is not None

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.reader.identifier()
        call.reader.accept("WITH")
        options = _checked(call.reader.options())
        call.reader.end()
        if answer := kept(call, self.exists(name), keep, (name,)):
            return answer
        suspended = bool(options.pop("INITIALLY_SUSPENDED", False))
        created = {"owner": session.role(call.cursor._conn), "SUSPENDED": suspended, **options}
        self._store.put(KIND, (name,), created)
        session.use_warehouse(call.cursor._conn, name)
        return status(f"Warehouse {name} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        found = self._store.get(KIND, (name,))
        if found is None:
            return dropped(False, optional, "Warehouse", (name,))
        if call.reader.accept("SUSPEND"):
            changed = {**found, "SUSPENDED": True}
        elif call.reader.accept("RESUME"):
            call.if_suspended()
            changed = {**found, "SUSPENDED": False}
        else:
            call.reader.expect("SET")
            changed = {**found, **_checked(call.reader.options())}
        call.reader.end()
        self._store.put(KIND, (name,), changed)
        return status()

    def _drop(self, call: Call) -> Answer:
        return drop_named(call, self._store, KIND, lambda name: self._grants.forget_object(KIND, (name,)))

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        current = session.warehouse(call.cursor._conn)
        rows = []
        for name, found, created in self._store.all(KIND):
            if asked.matches(name[0]):
                state = "SUSPENDED" if found["SUSPENDED"] else "STARTED"
                counts = (found.get("MIN_CLUSTER_COUNT", 1), found.get("MAX_CLUSTER_COUNT", 1), 0, 0, 0)
                chosen = ("N", "Y" if name[0] == current else "N")
                thrift = (found.get("AUTO_SUSPEND", 600), str(found.get("AUTO_RESUME", True)).lower())
                kind = (found.get("WAREHOUSE_TYPE", "STANDARD"), found.get("WAREHOUSE_SIZE", "X-Small"))
                rest = (
                    created,
                    found["owner"],
                    found.get("COMMENT", ""),
                    found.get("SCALING_POLICY", "STANDARD"),
                    "ROLE",
                )
                rows.append((name[0], state, *kind, *counts, *chosen, *thrift, *rest))
        return Answer(_COLUMNS, first(rows, asked.limit), _INTEGERS)

    def _use(self, call: Call) -> Answer:
        session.use_warehouse(call.cursor._conn, used(call, KIND, self.exists))
        return status()


def _checked(options: Properties) -> Properties:
    for key in options:
        if key not in _SETTABLE:
            raise errors.invalid_property(key)
    if "WAREHOUSE_SIZE" in options:
        spelling = str(options["WAREHOUSE_SIZE"]).upper().replace("-", "").replace(" ", "")
        if spelling not in _SIZES:
            raise errors.invalid_option(
                "WAREHOUSE_SIZE", options["WAREHOUSE_SIZE"], f"one of {', '.join(_SIZES)}"
            )
        options["WAREHOUSE_SIZE"] = _SIZES[spelling]
    return options
