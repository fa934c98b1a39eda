"""Every statement that provisioning and dbt have sent, each shape once, by a strict parser and by lists of
what Snowflake documents: what the local Snowflake takes may still be nothing that the real one knows."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import urlopen

import pytest
from warehouse import Warehouse


def _words(text: str) -> set[str]:
    return set(re.findall(r"\S+", text))


BY_VERB_ONLY = {
    r"show (integrations|roles|external tables|users|warehouses|databases)\b": "SHOW <objects>",
    r"alter storage integration .+ set ": "ALTER STORAGE INTEGRATION",
    r"create role if not exists ": "CREATE ROLE",
    r"create schema if not exists .+ with managed access ": "CREATE SCHEMA",
    r"create user if not exists .+ type = service ": "CREATE USER",
    r"alter user .+ (set|unset) ": "ALTER USER",
    r"grant role .+ to (role|user) ": "GRANT ROLE",
    r"grant ownership on schema .+ to role .+ copy current grants$": "GRANT OWNERSHIP",
    r"grant select on (all|future) (external )?(tables|views) in schema .+ to role ": "GRANT <privileges>",
    r"alter file format .+ set ": "ALTER FILE FORMAT",
    r"alter stage .+ set ": "ALTER STAGE",
    r"create masking policy if not exists .+ returns .+ -> ": "CREATE MASKING POLICY",
    r"alter masking policy .+ set body -> ": "ALTER MASKING POLICY",
    r"alter tag .+ set masking policy ": "ALTER TAG",
    r"alter schema .+ set tag ": "ALTER SCHEMA",
    r"alter table .+ modify column .+ set tag ": "ALTER TABLE … ALTER COLUMN",
    r"alter table .+ alter .+ comment ": "ALTER TABLE … ALTER COLUMN",
    r"alter view .+ modify column .+ set tag ": "ALTER VIEW",
    r"alter external table .+ refresh\b": "ALTER EXTERNAL TABLE",
    r"alter session set ": "ALTER SESSION",
}
"""Statements that the parser knows by their verb only, and the page of the Snowflake SQL reference that has
their grammar. The local Snowflake reads each of them word by word and refuses other options."""

FUNCTIONS = _words("""
    ARRAY_CONSTRUCT ARRAY_SIZE AVG CAST COALESCE CONCAT CONVERT_TIMEZONE COUNT COUNT_IF CURRENT_ROLE
    CURRENT_TIMESTAMP CURRENT_USER DATEADD DATEDIFF DATE_TRUNC DAYOFWEEKISO EXTERNAL_TABLE_FILES FLOOR
    GENERATOR GET IFF IS_ROLE_IN_SESSION LEAD LEAST LEFT LENGTH LOWER MAX MIN MONTH NULLIF PARSE_JSON
    PERCENTILE_CONT QUARTER RANK REGEXP_LIKE ROUND ROW_NUMBER SEQ4 SHA2 SPLIT_PART STDDEV_POP SUM SYSDATE
    SYSTEM$CANCEL_ALL_QUERIES SYSTEM$GET_TAG_ON_CURRENT_COLUMN TAG_REFERENCES_ALL_COLUMNS TO_DATE TO_VARCHAR
    TRIM TRY_CAST UPPER UUID_STRING YEAR
""")
"""Functions, each a page of the Snowflake SQL reference."""

KEYWORDS = _words("""
    AND AS BY EXCLUDE EXISTS FROM GROUP IN INSERT INTO JOIN NOT NUMBER ON OR OVER QUALIFY SELECT TABLE THEN
    UNION USING VALUES VARCHAR WHEN WHERE WITH
""") | {"PARTITION BY", "PRIMARY KEY", "GROUP BY", "ORDER BY", "UNION ALL"}
# dbt's own name of VARCHAR, which it sends to every account; Snowflake's page on text types has others.
KEYWORDS |= {"CHARACTER VARYING"}
"""Words before a parenthesis that are no functions: of queries, constraints, types and options."""


@pytest.fixture(scope="module")
def statements(warehouse: Warehouse) -> list[dict[str, Any]]:
    with urlopen(f"{warehouse.server_endpoint}/local/statements") as answer:  # noqa: S310 (a server of the tests)
        sent = list(json.load(answer))
    # Not what the tests themselves ask.
    clients = {"PROVISIONER", warehouse.connect_environment["SNOWFLAKE_USER"]}
    return [found for found in sent if found["user"] in clients]


def test_every_statement_is_parsed_whole_or_is_one_whose_grammar_is_documented(
    statements: list[dict[str, Any]],
) -> None:
    unknown = [
        found["statement"][:200]
        for found in statements
        if found["parsedAs"] in (None, "Command")
        and not any(re.match(pattern, " ".join(found["statement"].split()), re.I) for pattern in BY_VERB_ONLY)
    ]
    assert unknown == []
    assert len(statements) > 200


def test_every_function_is_one_that_snowflake_documents(statements: list[dict[str, Any]]) -> None:
    words = {word for found in statements for word in found["words"]}
    assert words - FUNCTIONS - KEYWORDS == set()
