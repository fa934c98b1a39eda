"""The full load: every row that is there when the slot begins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from psycopg2 import sql

from local_dms import slot
from local_dms.files import Files, Written
from local_dms.pgoutput import Column, Relation
from local_dms.settings import Settings

_ROWS_AT_A_TIME = 10_000


def run(settings: Settings, files: Files, snapshot: str | None) -> int:
    """Copy the table as the snapshot shows it; returns the number of rows.

    Without a snapshot, because an earlier load was cut off, the table is copied as it is now. The slot has
    all changes since it was made, and a change counts more than a copy.
    """
    source = settings.source
    session = slot.connect(source)
    try:
        session.set_session(isolation_level="REPEATABLE READ", readonly=True)
        if snapshot is not None:
            with session.cursor() as cursor:
                cursor.execute("set transaction snapshot %s", (snapshot,))
        relation = _relation(session, settings)
        names = sql.SQL(", ").join(
            sql.SQL("{}::text").format(sql.Identifier(column.name)) for column in relation.columns
        )
        with session.cursor("full_load") as cursor:
            cursor.itersize = _ROWS_AT_A_TIME
            table = sql.Identifier(source.schema, source.table)
            cursor.execute(sql.SQL("select {} from {}").format(names, table))
            return _store(cursor, relation, settings, files)
    finally:
        session.close()


def _relation(session: Any, settings: Settings) -> Relation:
    with session.cursor() as cursor:
        cursor.execute(
            "select attname, atttypid, attrelid from pg_attribute where attrelid = %s::regclass "
            "and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
            (sql.Identifier(settings.source.schema, settings.source.table).as_string(session),),
        )
        rows = cursor.fetchall()
    columns = tuple(Column(name, oid) for name, oid, _ in rows)
    return Relation(rows[0][2], settings.source.schema, settings.source.table, columns)


def _store(cursor: Any, relation: Relation, settings: Settings, files: Files) -> int:
    limit = settings.target.max_file_kilobytes * 1024
    rows: list[Written] = []
    size = copied = 0
    for values in cursor:
        texts = [None if value is None else value.encode() for value in values]
        rows.append(Written("I", datetime.now(UTC).replace(tzinfo=None), "", relation, texts))
        size += rows[-1].size
        copied += 1
        if size >= limit:
            files.store_copies(rows)
            rows, size = [], 0
    files.store_copies(rows)
    return copied
