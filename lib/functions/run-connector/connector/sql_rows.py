"""The rows of a query as they come, one at a time: the next hundred may be of 20 MB each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy.exc
from psycopg.rows import dict_row
from sqlalchemy import Connection, Select

# Of PyMySQL, which gives rows as they come; SQLAlchemy would gather some.
_STREAMED = {"stream_results": True, "max_row_buffer": 1}


@contextmanager
def one_by_one(connection: Connection, query: Select[Any]) -> Iterator[Iterator[Mapping[str, Any]]]:
    """The rows, by the names of their columns. Raises the errors of SQLAlchemy.

    Of PostgreSQL in libpq's single-row mode, which SQLAlchemy does not have: a cursor of the server gives a
    number of rows, whatever their size.
    """
    if connection.dialect.name != "postgresql":
        with connection.execute(query, execution_options=_STREAMED) as result:
            yield cast(Iterator[Mapping[str, Any]], result.mappings())
        return
    compiled = query.compile(dialect=connection.dialect)
    driver: Any = connection.connection.driver_connection
    try:
        with (
            driver.cursor(row_factory=dict_row) as cursor,
            closing(cursor.stream(str(compiled), compiled.params)) as rows,
        ):
            yield rows
    except psycopg.Error as error:
        raise sqlalchemy.exc.DBAPIError.instance(None, None, error, psycopg.Error) from None
