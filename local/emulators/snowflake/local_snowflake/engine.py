"""The fakesnow instance, with its databases in files below the state folder (extension "engine")."""

import re
from pathlib import Path
from typing import Any

import duckdb

from local_snowflake import errors
from local_snowflake.pinned import private
from local_snowflake.sql import identifier, literal

_instance = private("engine", "fakesnow.instance", "FakeSnow", "GLOBAL_DATABASE_NAME")
_info_schema = private("engine", "fakesnow.info_schema", "fs_global_creation_sql", "per_db_creation_sql")
_show = private("engine", "fakesnow.transforms.show", "fs_global_creation_sql")
_macros = private("engine", "fakesnow.macros", "creation_sql")

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_]*")


class Engine(_instance.FakeSnow):  # type: ignore[misc, name-defined]
    """fakesnow keeps what spans databases in memory, creates databases when a client names them, and forgets
    which databases there were; this keeps everything and creates nothing by itself."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "databases"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.create_database_on_connect = False
        self.create_schema_on_connect = False
        self.db_path = self.folder
        self.nop_regexes = None
        self.results_cache: dict[str, tuple[Any, ...]] = {}
        # As fakesnow opens it: sqlglot still writes arrow lambdas.
        self.duck_conn = duckdb.connect(":memory:", config={"lambda_syntax": "ENABLE_SINGLE_ARROW"})
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")
        # For sessions without a current database; each database has macros of its own.
        self.duck_conn.execute(_macros.creation_sql("memory"))
        name = _instance.GLOBAL_DATABASE_NAME
        self.duck_conn.execute(f"ATTACH {literal(str(state / 'account.db'))} AS {name}")
        self.duck_conn.execute(_current(_info_schema.fs_global_creation_sql()))
        self.duck_conn.execute(_current(_show.fs_global_creation_sql()))

    def attach_kept(self) -> None:
        """Attach the databases of earlier starts. Their views read what the extensions keep in the
        account's."""
        for file in sorted(self.folder.glob("*.db")):
            self.create(file.stem)

    def create(self, name: str) -> None:
        """Attach a database, whose file may be there or not."""
        file = self.folder / f"{name}.db"
        self.duck_conn.execute(f"ATTACH {literal(str(file))} AS {identifier(name)}")
        self.duck_conn.execute(_current(_info_schema.per_db_creation_sql(name)))
        self.duck_conn.execute(_macros.creation_sql(name))

    def databases(self) -> list[str]:
        """Names of the databases, sorted."""
        rows = self.duck_conn.cursor().execute("SELECT database_name FROM duckdb_databases()").fetchall()
        names = {str(name) for (name,) in rows}
        return sorted(file.stem for file in self.folder.glob("*.db") if file.stem in names)

    def drop(self, name: str) -> None:
        """Detach a database and remove its file."""
        self.duck_conn.cursor().execute(f"DETACH {identifier(name)}")
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()

    def create_schema(self, database: str, schema: str) -> None:
        """Create a schema."""
        self.duck_conn.cursor().execute(f"CREATE SCHEMA {identifier(database)}.{identifier(schema)}")

    def drop_schema(self, database: str, schema: str) -> None:
        """Drop a schema with all that is in it."""
        self.duck_conn.cursor().execute(f"DROP SCHEMA {identifier(database)}.{identifier(schema)} CASCADE")

    def close(self) -> None:
        """Write everything to its files."""
        self.duck_conn.close()


def check_database_name(name: str) -> None:
    """Refuse what fakesnow would put unquoted into SQL and into a file name."""
    if not _PLAIN.fullmatch(name):
        raise errors.unsupported(f'database name "{name}" that needs quotes')


def _current(creation: str) -> str:
    """Creation SQL that replaces views kept from an earlier start, which another version may have written."""
    return re.sub(r"create view if not exists", "create or replace view", creation, flags=re.IGNORECASE)
