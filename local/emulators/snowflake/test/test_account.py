"""Roles, users, warehouses and grants: recorded and shown; enforced where an external table is read."""
# ruff: noqa: S608 (queries of the tests' own tables)

from collections.abc import Iterator

import pytest
from conftest import Raw
from support import Session, review


@pytest.fixture
def roles(session: Session, name: str) -> Iterator[str]:
    """Three roles of one prefix."""
    for role in ("LOADER", "TRANSFORMER", "REPORTER"):
        session.run(f"CREATE ROLE IF NOT EXISTS {name}_{role} COMMENT = 'of {name}'")
    yield name
    for role in ("LOADER", "TRANSFORMER", "REPORTER"):
        session.run(f"DROP ROLE IF EXISTS {name}_{role}")


def granted(session: Session, statement: str) -> set[tuple[str, str, str]]:
    """Privilege, kind of object and name of the grants that are shown."""
    return {(row["privilege"], row["granted_on"], row["name"]) for row in session.records(statement)}


def test_roles_are_shown_with_what_they_are_granted_to(session: Session, roles: str) -> None:
    session.run(f"GRANT ROLE {roles}_LOADER TO ROLE SYSADMIN", f"USE ROLE {roles}_LOADER")
    shown = {row["name"]: row for row in session.records(f"SHOW ROLES LIKE '{roles}%'")}
    assert set(shown) == {f"{roles}_LOADER", f"{roles}_TRANSFORMER", f"{roles}_REPORTER"}
    loader = shown[f"{roles}_LOADER"]
    assert (loader["granted_to_roles"], loader["is_current"], loader["comment"]) == (1, "Y", f"of {roles}")
    (of_role,) = session.records(f"SHOW GRANTS OF ROLE {roles}_LOADER")
    assert (of_role["granted_to"], of_role["grantee_name"]) == ("ROLE", "SYSADMIN")


def test_what_does_not_exist_cannot_be_granted_or_used(session: Session, roles: str, schema: str) -> None:
    for statement in (
        "USE ROLE NOWHERE",
        "USE WAREHOUSE NOWHERE",
        "GRANT ROLE NOWHERE TO ROLE SYSADMIN",
        f"GRANT ROLE {roles}_LOADER TO USER NOBODY",
        f"GRANT USAGE ON DATABASE NOWHERE TO ROLE {roles}_LOADER",
        f"GRANT SELECT ON TABLE {schema}.NONE TO ROLE {roles}_LOADER",
        f"GRANT USAGE ON INTEGRATION NOWHERE TO ROLE {roles}_LOADER",
        "SHOW GRANTS TO ROLE NOWHERE",
    ):
        assert session.refusal(statement)[:2] == (2003, "02000"), statement


def test_grants_on_all_and_on_future_objects(session: Session, roles: str, schema: str) -> None:
    reporter = f"{roles}_REPORTER"
    session.run(
        f"CREATE TABLE {schema}.T (A NUMBER)",
        f"CREATE VIEW {schema}.V AS SELECT * FROM {schema}.T",
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE {reporter}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ROLE {reporter}",
        f"GRANT SELECT, REFERENCES ON VIEW {schema}.V TO ROLE {reporter}",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {schema} TO ROLE {reporter}",
        f"CREATE TABLE {schema}.LATER (A NUMBER)",
    )
    assert granted(session, f"SHOW GRANTS TO ROLE {reporter}") == {
        ("USAGE", "SCHEMA", schema),
        ("SELECT", "TABLE", f"{schema}.T"),
        ("SELECT", "TABLE", f"{schema}.LATER"),
        ("SELECT", "VIEW", f"{schema}.V"),
        ("REFERENCES", "VIEW", f"{schema}.V"),
    }
    (future,) = session.records(f"SHOW FUTURE GRANTS IN SCHEMA {schema}")
    assert (future["privilege"], future["grant_on"], future["grantee_name"]) == ("SELECT", "TABLE", reporter)
    session.run(
        f"REVOKE SELECT ON FUTURE TABLES IN SCHEMA {schema} FROM ROLE {reporter}",
        f"CREATE TABLE {schema}.STILL_LATER (A NUMBER)",
    )
    left = granted(session, f"SHOW GRANTS TO ROLE {reporter}")
    assert ("SELECT", "TABLE", f"{schema}.LATER") in left
    assert ("SELECT", "TABLE", f"{schema}.STILL_LATER") not in left
    on_table = session.records(f"SHOW GRANTS ON TABLE {schema}.T")
    assert [(row["privilege"], row["grantee_name"]) for row in on_table] == [("SELECT", reporter)]


def test_future_grants_are_for_objects_to_come_alone_and_those_of_the_schema_precede(
    session: Session, roles: str, schema: str
) -> None:
    """ "GRANT <privileges> … TO ROLE", future grants on schema objects, Snowflake SQL reference."""
    reporter, loader = f"{roles}_REPORTER", f"{roles}_LOADER"
    database = schema.split(".")[0]
    session.run(
        f"CREATE TABLE {schema}.BEFORE (A NUMBER)",
        f"GRANT SELECT ON FUTURE TABLES IN DATABASE {database} TO ROLE {loader}",
        f"CREATE TABLE {schema}.BETWEEN_BOTH (A NUMBER)",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {schema} TO ROLE {reporter}",
        f"CREATE TABLE {schema}.AFTER_BOTH (A NUMBER)",
        f"REVOKE SELECT ON FUTURE TABLES IN DATABASE {database} FROM ROLE {loader}",
        f"ALTER TABLE {schema}.BEFORE RENAME TO {schema}.RENAMED",
    )
    assert granted(session, f"SHOW GRANTS TO ROLE {reporter}") == {
        ("SELECT", "TABLE", f"{schema}.AFTER_BOTH")
    }
    assert granted(session, f"SHOW GRANTS TO ROLE {loader}") == {
        ("SELECT", "TABLE", f"{schema}.BETWEEN_BOTH")
    }


@pytest.mark.parametrize("kind", ["TABLE", "VIEW"])
def test_a_replaced_object_loses_its_grants_for_the_future_ones_unless_they_are_copied(
    session: Session, roles: str, schema: str, kind: str
) -> None:
    """ "CREATE TABLE" and "CREATE VIEW", COPY GRANTS, Snowflake SQL reference."""
    reporter, loader = f"{roles}_REPORTER", f"{roles}_LOADER"
    on_reporter, on_loader = ((kind, f"{schema}.T", role) for role in (reporter, loader))

    def grantees() -> set[tuple[str, str, str]]:
        rows = session.records(f"SHOW GRANTS ON {kind} {schema}.T")
        return {(kind, row["name"], row["grantee_name"]) for row in rows if row["privilege"] == "SELECT"}

    session.run(
        f"CREATE {kind} {schema}.T AS SELECT 1 AS A",
        f"GRANT SELECT ON {kind} {schema}.T TO ROLE {reporter}",
        f"GRANT SELECT ON FUTURE {kind}S IN SCHEMA {schema} TO ROLE {loader}",
        f"CREATE OR REPLACE {kind} {schema}.T COPY GRANTS AS SELECT 2 AS A",
    )
    assert grantees() == {on_reporter}
    session.run(f"CREATE {kind} IF NOT EXISTS {schema}.T AS SELECT 3 AS A")
    assert grantees() == {on_reporter}
    session.run(f"CREATE OR REPLACE {kind} {schema}.T AS SELECT 3 AS A")
    assert grantees() == {on_loader}
    session.run(
        f"DROP {kind} {schema}.T", f"REVOKE SELECT ON FUTURE {kind}S IN SCHEMA {schema} FROM ROLE {loader}"
    )
    session.run(f"CREATE {kind} {schema}.T AS SELECT 4 AS A")
    assert grantees() == set()


def test_grants_follow_a_renamed_table(session: Session, roles: str, schema: str) -> None:
    session.run(
        f"CREATE TABLE {schema}.T (A NUMBER)",
        f"GRANT SELECT ON TABLE {schema}.T TO ROLE {roles}_REPORTER",
        f"ALTER TABLE {schema}.T RENAME TO {schema}.U",
        f"CREATE TABLE {schema}.T (A NUMBER)",
    )
    assert granted(session, f"SHOW GRANTS TO ROLE {roles}_REPORTER") == {("SELECT", "TABLE", f"{schema}.U")}


def test_a_replaced_external_table_loses_its_grants_unless_they_are_copied(raw: Raw) -> None:
    """ "CREATE EXTERNAL TABLE", COPY GRANTS, Snowflake SQL reference."""
    role = f"{raw.database}_READER"
    raw.create()
    raw.session.run(f"CREATE ROLE {role}", f"GRANT SELECT ON EXTERNAL TABLE {raw.table} TO ROLE {role}")
    raw.create(verb="CREATE OR REPLACE", end="COPY GRANTS")
    assert granted(raw.session, f"SHOW GRANTS TO ROLE {role}") == {("SELECT", "EXTERNAL_TABLE", raw.table)}
    raw.create(verb="CREATE OR REPLACE")
    assert granted(raw.session, f"SHOW GRANTS TO ROLE {role}") == set()
    raw.session.run(f"DROP ROLE {role}")


def test_a_dropped_role_and_a_dropped_object_take_their_grants_along(
    session: Session, roles: str, schema: str
) -> None:
    session.run(
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE {roles}_LOADER",
        f"DROP ROLE {roles}_LOADER",
        f"CREATE ROLE {roles}_LOADER",
    )
    assert granted(session, f"SHOW GRANTS TO ROLE {roles}_LOADER") == set()
    session.run(f"GRANT USAGE ON SCHEMA {schema} TO ROLE {roles}_LOADER", f"DROP SCHEMA {schema}")
    assert granted(session, f"SHOW GRANTS TO ROLE {roles}_LOADER") == set()


def test_objects_belong_to_the_role_that_creates_them(session: Session, roles: str, schema: str) -> None:
    session.run(f"GRANT CREATE TABLE ON SCHEMA {schema} TO ROLE {roles}_TRANSFORMER")
    session.run(f"USE ROLE {roles}_TRANSFORMER", f"CREATE TABLE {schema}.T (A NUMBER)")
    (table,) = session.records(f"SHOW TABLES IN SCHEMA {schema}")
    assert table["owner"] == f"{roles}_TRANSFORMER"
    session.run(f"GRANT OWNERSHIP ON TABLE {schema}.T TO ROLE {roles}_LOADER")
    (table,) = session.records(f"SHOW TABLES IN SCHEMA {schema}")
    assert table["owner"] == f"{roles}_LOADER"


def test_warehouses_are_recorded(session: Session, name: str) -> None:
    session.run(
        f"CREATE WAREHOUSE IF NOT EXISTS {name}_WH WITH WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60"
        " AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE COMMENT = 'c'",
        f"ALTER WAREHOUSE {name}_WH SET WAREHOUSE_SIZE = 'medium' AUTO_SUSPEND = 120",
        f"USE WAREHOUSE {name}_WH",
    )
    (shown,) = session.records(f"SHOW WAREHOUSES LIKE '{name}_WH'")
    wanted = ("Medium", 120, "true", "SUSPENDED", "c")
    assert tuple(shown[key] for key in ("size", "auto_suspend", "auto_resume", "state", "comment")) == wanted
    assert session.value("SELECT CURRENT_WAREHOUSE()") == f"{name}_WH"
    assert session.refusal(f"CREATE WAREHOUSE {name}_X WAREHOUSE_SIZE = 'HUGE'")[0] == 1008
    session.run(f"DROP WAREHOUSE {name}_WH")
    assert session.rows(f"SHOW WAREHOUSES LIKE '{name}_WH'") == []


def test_users_are_recorded_and_have_no_passwords(session: Session, name: str) -> None:
    session.run(f"CREATE USER IF NOT EXISTS {name} TYPE = SERVICE DEFAULT_ROLE = SYSADMIN COMMENT = 'c'")
    (shown,) = session.records(f"SHOW USERS LIKE '{name}'")
    wanted = ("SYSADMIN", "false", "c", "SERVICE")
    assert tuple(shown[key] for key in ("default_role", "has_rsa_public_key", "comment", "type")) == wanted
    assert session.refusal(f"CREATE USER {name}_2 PASSWORD = 'x'")[:2] == (2, "0A000")
    assert session.refusal(f"ALTER USER {name} SET RSA_PUBLIC_KEY = 'not a key'")[0] == 1008
    session.run(f"DROP USER {name}")
    assert session.rows(f"SHOW USERS LIKE '{name}'") == []


@pytest.mark.parametrize("missing", range(5))
def test_a_role_reads_an_external_table_by_all_five_privileges_or_not_at_all(raw: Raw, missing: int) -> None:
    """ "Refresh external tables automatically for Amazon S3", Snowflake user guide."""
    raw.put([review(1)], "2026-11-20", "b1")
    raw.create()
    role, database = f"{raw.database}_READER", raw.database
    grants = [
        f"USAGE ON DATABASE {database}",
        f"USAGE ON SCHEMA {database}.RAW",
        f"SELECT ON ALL EXTERNAL TABLES IN SCHEMA {database}.RAW",
        f"USAGE ON STAGE {database}.RAW.PUBLISHED",
        f"USAGE ON FILE FORMAT {database}.RAW.PARQUET",
    ]
    raw.session.run(f"CREATE ROLE {role}", f"GRANT ROLE {role} TO ROLE SYSADMIN")
    late = grants.pop(missing)
    raw.session.run(*(f"GRANT {grant} TO ROLE {role}" for grant in grants))
    raw.session.run(f"USE ROLE {role}")
    refused = raw.session.refusal(f"SELECT COUNT(*) FROM {raw.table}")
    assert (refused[0], "does not exist or not authorized" in refused[2]) == (2003, True)
    raw.session.run("USE ROLE ACCOUNTADMIN", f"GRANT {late} TO ROLE {role}", f"USE ROLE {role}")
    assert raw.count() == 1
    raw.session.run("USE ROLE ACCOUNTADMIN", f"DROP ROLE {role}")
