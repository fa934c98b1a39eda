"""INFORMATION_SCHEMA: views and external tables among the tables (extension "information-schema").

fakesnow's TABLES has base tables only and calls everything made in 1970; dbt's catalogue and its source
freshness read it.
"""

from string import Template

from local_snowflake.catalogue.relations import VIEW
from local_snowflake.pinned import private
from local_snowflake.sql import literal

_info_schema = private(
    "information-schema",
    "fakesnow.info_schema",
    "SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW",
    "SQL_CREATE_INFORMATION_SCHEMA_VIEWS_VIEW",
    "insert_table_comment_sql",
)

_TABLES = f"""
CREATE OR REPLACE VIEW ${{catalog}}._fs_information_schema._fs_tables AS
SELECT
    database_name AS "TABLE_CATALOG",
    schema_name AS "TABLE_SCHEMA",
    name AS "TABLE_NAME",
    owner AS "TABLE_OWNER",
    CASE kind WHEN 'TABLE' THEN 'BASE TABLE' ELSE kind END AS "TABLE_TYPE",
    'NO' AS "IS_TRANSIENT",
    NULL::VARCHAR AS "CLUSTERING_KEY",
    row_count AS "ROW_COUNT",
    NULL::BIGINT AS "BYTES",
    1 AS "RETENTION_TIME",
    CASE WHEN kind = 'TABLE' THEN 'YES' ELSE 'NO' END AS "IS_INSERTABLE_INTO",
    'YES' AS "IS_TYPED",
    created_on AS "CREATED",
    altered_on AS "LAST_ALTERED",
    altered_on AS "LAST_DDL",
    owner AS "LAST_DDL_BY",
    'NO' AS "AUTO_CLUSTERING_ON",
    comment AS "COMMENT",
    CASE WHEN is_temporary THEN 'YES' ELSE 'NO' END AS "IS_TEMPORARY",
    'NO' AS "IS_ICEBERG",
    'NO' AS "IS_DYNAMIC",
    'NO' AS "IS_IMMUTABLE",
    'NO' AS "IS_HYBRID"
FROM {VIEW}
WHERE database_name = '${{catalog}}'
"""  # noqa: S608

_VIEWS = f"""
CREATE OR REPLACE VIEW ${{catalog}}._fs_information_schema._fs_views AS
SELECT
    database_name AS "TABLE_CATALOG",
    schema_name AS "TABLE_SCHEMA",
    name AS "TABLE_NAME",
    owner AS "TABLE_OWNER",
    definition AS "VIEW_DEFINITION",
    'NONE' AS "CHECK_OPTION",
    'NO' AS "IS_UPDATABLE",
    'NO' AS "INSERTABLE_INTO",
    'NO' AS "IS_SECURE",
    created_on AS "CREATED",
    altered_on AS "LAST_ALTERED",
    altered_on AS "LAST_DDL",
    owner AS "LAST_DDL_BY",
    comment AS "COMMENT"
FROM {VIEW}
WHERE database_name = '${{catalog}}' AND kind = 'VIEW'
"""  # noqa: S608


_COMMENT = """
INSERT INTO _fs_global._fs_information_schema._fs_tables_ext VALUES ({}, {}, {}, {})
ON CONFLICT (ext_table_catalog, ext_table_schema, ext_table_name) DO UPDATE SET comment = excluded.comment
"""


def install() -> None:
    """Have fakesnow create these views in every database, and quote the comments that they show."""
    _info_schema.insert_table_comment_sql = _insert_comment
    _info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = Template(_TABLES)
    _info_schema.SQL_CREATE_INFORMATION_SCHEMA_VIEWS_VIEW = Template(_VIEWS)


def _insert_comment(catalog: str, schema: str, table: str, comment: str | None) -> str:
    """fakesnow's has no quoting, and calls the comment of a table without one 'None'."""
    names = [literal(catalog), literal(schema), literal(table)]
    return _COMMENT.format(*names, "NULL" if comment is None else literal(comment))
