"""Tags, masking policies, and roles without a privilege ("Introduction to object tagging", "Tag-based masking
policies", "Understanding Column-level Security", "Overview of Access Control", Snowflake user guide)."""
# ruff: noqa: S608 (statements on the tests' own objects)

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Raw
from emulator_process import Server
from support import Session, review, start_snowflake

Open = Callable[..., Session]


@dataclass(frozen=True)
class Governed:
    """A table of texts, a view on it in another schema, and two readers of the view."""

    admin: Session
    name: str
    open_session: Open

    @property
    def tag(self) -> str:
        return f"{self.name}.RULES.PERSONAL"

    @property
    def view(self) -> str:
        return f"{self.name}.SHOWN.TEXTS"

    def session_of(self, role: str) -> Session:
        """A session of a user who has that role only."""
        return self.open_session(user=f"{role}_USER", role=role)

    def seen_by(self, role: str, query: str = "SELECT ID, BODY FROM {view} ORDER BY ID") -> list[Any]:
        return self.session_of(role).rows(query.format(view=self.view))


@pytest.fixture
def governed(session: Session, name: str, open_session: Open) -> Iterator[Governed]:
    made = Governed(session, name, open_session)
    owner, reader, other = f"{name}_OWNER", f"{name}_READER", f"{name}_OTHER"
    session.run(
        f"CREATE DATABASE {name}",
        *(f"CREATE SCHEMA {name}.{schema}" for schema in ("RULES", "SHOWN")),
        *(f"CREATE ROLE {role}" for role in (owner, reader, other)),
        *(f"CREATE USER {role}_USER DEFAULT_ROLE = {role}" for role in (owner, reader, other)),
        *(f"GRANT ROLE {role} TO USER {role}_USER" for role in (owner, reader, other)),
        *(f"GRANT USAGE ON DATABASE {name} TO ROLE {role}" for role in (owner, reader, other)),
        f"GRANT OWNERSHIP ON SCHEMA {name}.SHOWN TO ROLE {owner}",
        f"CREATE TAG {made.tag} ALLOWED_VALUES 'text', 'none'",
        f"CREATE MASKING POLICY {name}.RULES.MASK AS (val VARCHAR) RETURNS VARCHAR -> CASE"
        f" WHEN IS_ROLE_IN_SESSION('{owner}') THEN val"
        f" WHEN SYSTEM$GET_TAG_ON_CURRENT_COLUMN('{made.tag}') = 'none' THEN val"
        f" WHEN IS_ROLE_IN_SESSION('{reader}') AND SYSTEM$GET_TAG_ON_CURRENT_COLUMN('{made.tag}') IN ('text')"
        " THEN val ELSE NULL END COMMENT = 'of tests'",
        f"ALTER TAG {made.tag} SET MASKING POLICY {name}.RULES.MASK",
    )
    made.session_of(owner).run(
        f"CREATE TABLE {name}.SHOWN.ROWS_ (ID NUMBER, BODY VARCHAR, AUTHOR VARCHAR)",
        f"INSERT INTO {name}.SHOWN.ROWS_ VALUES (1, 'good', 'Ann'), (2, 'bad', 'Bob')",
        f"CREATE VIEW {made.view} AS SELECT ID, BODY, AUTHOR FROM {name}.SHOWN.ROWS_",
        *(f"GRANT USAGE ON SCHEMA {name}.SHOWN TO ROLE {role}" for role in (reader, other)),
        *(f"GRANT SELECT ON VIEW {made.view} TO ROLE {role}" for role in (reader, other)),
    )
    yield made
    session.run(
        f"DROP DATABASE {name}",
        *(f"DROP USER {role}_USER" for role in (owner, reader, other)),
        *(f"DROP ROLE {role}" for role in (owner, reader, other)),
    )


def tagged(governed: Governed, value: str = "text") -> None:
    governed.admin.run(
        f"ALTER VIEW {governed.view} MODIFY COLUMN BODY SET TAG {governed.tag} = '{value}',"
        f" COLUMN AUTHOR SET TAG {governed.tag} = 'none'"
    )


def test_a_tag_with_a_policy_shows_a_column_to_the_roles_that_the_policy_names(governed: Governed) -> None:
    tagged(governed)
    assert governed.seen_by(f"{governed.name}_READER") == [(1, "good"), (2, "bad")]
    assert governed.seen_by(f"{governed.name}_OWNER") == [(1, "good"), (2, "bad")]
    assert governed.seen_by(f"{governed.name}_OTHER") == [(1, None), (2, None)]


def test_a_policy_hides_a_column_from_the_administrator_too(governed: Governed) -> None:
    tagged(governed)
    assert governed.admin.rows(f"SELECT BODY FROM {governed.view}") == [(None,), (None,)]


def test_a_policy_applies_wherever_a_query_names_the_column(governed: Governed) -> None:
    tagged(governed)
    other = f"{governed.name}_OTHER"
    assert governed.seen_by(other, "SELECT COUNT(*) FROM {view} WHERE BODY = 'good'") == [(0,)]
    assert governed.seen_by(other, "SELECT MAX(LENGTH(t.BODY)) FROM {view} AS t") == [(None,)]
    joined = "SELECT COUNT(*) FROM {view} AS a JOIN {view} AS b ON a.BODY = b.BODY"
    assert governed.seen_by(other, joined) == [(0,)]
    assert governed.seen_by(other, "WITH t AS (SELECT * FROM {view}) SELECT MAX(BODY) FROM t") == [(None,)]
    assert governed.seen_by(other, "SELECT AUTHOR FROM {view} ORDER BY ID LIMIT 1") == [("Ann",)]


def test_a_policy_on_what_a_view_reads_applies_before_the_views_own(governed: Governed) -> None:
    """ "Masking policies with nested objects"."""
    governed.admin.run(
        f"ALTER TABLE {governed.name}.SHOWN.ROWS_ MODIFY COLUMN BODY SET TAG {governed.tag} = 'text'"
    )
    assert governed.seen_by(f"{governed.name}_OTHER") == [(1, None), (2, None)]
    assert governed.seen_by(f"{governed.name}_READER") == [(1, "good"), (2, "bad")]


def test_a_view_is_read_from_its_own_place_not_the_sessions(governed: Governed) -> None:
    owner = governed.session_of(f"{governed.name}_OWNER")
    owner.run(f"USE SCHEMA {governed.name}.SHOWN", "CREATE OR REPLACE VIEW TEXTS AS SELECT * FROM ROWS_")
    governed.admin.run(
        f"ALTER TABLE {governed.name}.SHOWN.ROWS_ MODIFY COLUMN BODY SET TAG {governed.tag} = 'text'",
        f"GRANT SELECT ON VIEW {governed.view} TO ROLE {governed.name}_OTHER",
    )
    assert governed.seen_by(f"{governed.name}_OTHER") == [(1, None), (2, None)]


def test_columns_inherit_the_tag_of_their_schema_and_a_replaced_view_has_no_other(governed: Governed) -> None:
    schema = f"{governed.name}.SHOWN"
    tagged(governed)
    governed.admin.run(f"ALTER SCHEMA {schema} SET TAG {governed.tag} = 'text'")
    references = f"SELECT COLUMN_NAME, TAG_VALUE FROM TABLE({governed.name}.INFORMATION_SCHEMA." + (
        f"TAG_REFERENCES_ALL_COLUMNS('{governed.view}', 'TABLE'))"
    )
    assert governed.admin.rows(references) == [("ID", "text"), ("BODY", "text"), ("AUTHOR", "none")]
    governed.session_of(f"{governed.name}_OWNER").run(
        f"CREATE OR REPLACE VIEW {governed.view} AS SELECT ID, AUTHOR FROM {schema}.ROWS_"
    )
    assert governed.admin.rows(references) == [("ID", "text"), ("AUTHOR", "text")]


def test_a_table_made_by_a_role_that_sees_masked_values_holds_masked_values(governed: Governed) -> None:
    """ "CREATE TABLE … AS SELECT (CTAS) statements"."""
    tagged(governed)
    governed.admin.run(f"CREATE TABLE {governed.name}.RULES.COPIED AS SELECT BODY FROM {governed.view}")
    assert governed.admin.rows(f"SELECT * FROM {governed.name}.RULES.COPIED") == [(None,), (None,)]


def test_tags_and_grants_follow_a_renamed_table(governed: Governed) -> None:
    """A tag is set on the object, not on its name ("Introduction to object tagging")."""
    table, renamed = f"{governed.name}.SHOWN.ROWS_", f"{governed.name}.SHOWN.RENAMED"
    governed.admin.run(
        f"ALTER TABLE {table} MODIFY COLUMN BODY SET TAG {governed.tag} = 'text'",
        f"GRANT SELECT ON TABLE {table} TO ROLE {governed.name}_OTHER",
        f"CREATE TABLE IF NOT EXISTS {table} (ID NUMBER, BODY VARCHAR)",
    )
    other = governed.session_of(f"{governed.name}_OTHER")
    assert other.rows(f"SELECT BODY FROM {table}") == [(None,), (None,)]
    governed.admin.run(f"ALTER TABLE {table} RENAME TO {renamed}")
    assert other.rows(f"SELECT BODY FROM {renamed}") == [(None,), (None,)]
    governed.admin.run(f"CREATE TABLE {table} AS SELECT 'new' AS BODY")
    assert other.refusal(f"SELECT BODY FROM {table}")[0] == 2003


def test_the_body_of_a_policy_is_replaced_while_the_policy_stays(governed: Governed) -> None:
    tagged(governed)
    governed.admin.run(
        f"ALTER MASKING POLICY {governed.name}.RULES.MASK SET BODY -> CASE WHEN CURRENT_ROLE() = 'NOBODY'"
        " THEN val ELSE '*' END"
    )
    assert governed.seen_by(f"{governed.name}_READER") == [(1, "*"), (2, "*")]


def test_a_policy_that_a_tag_carries_is_neither_dropped_nor_replaced(governed: Governed) -> None:
    policy = f"{governed.name}.RULES.MASK"
    replacing = f"CREATE OR REPLACE MASKING POLICY {policy} AS (val VARCHAR) RETURNS VARCHAR -> val"
    for statement in (f"DROP MASKING POLICY {policy}", replacing):
        assert governed.admin.refusal(statement)[0] == 3540


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("ALTER VIEW {view} MODIFY COLUMN BODY SET TAG {tag} = 'other'", 1008),
        ("ALTER VIEW {view} MODIFY COLUMN NOWHERE SET TAG {tag} = 'text'", 904),
        ("ALTER VIEW {view} MODIFY COLUMN BODY SET TAG {name}.RULES.MISSING = 'text'", 2003),
        ("ALTER VIEW {view} SET TAG {tag} = 'text'", 2),
        ("ALTER TAG {tag} SET MASKING POLICY {name}.RULES.MASK", 1008),
        ("CREATE TAG {tag}", 2002),
        ("CREATE MASKING POLICY {name}.RULES.M AS (val VARCHAR) RETURNS NUMBER -> 1", 1008),
        ("CREATE MASKING POLICY {name}.RULES.M AS (val VARCHAR) RETURNS VARCHAR -> (SELECT 'a')", 2),
    ],
)
def test_what_is_wrong_of_a_tag_or_policy_is_refused(governed: Governed, statement: str, code: int) -> None:
    wanted = statement.format(view=governed.view, tag=governed.tag, name=governed.name)
    assert governed.admin.refusal(wanted)[0] == code


def test_the_owner_of_a_view_sets_a_tag_only_if_it_may_apply_it(governed: Governed) -> None:
    owner = governed.session_of(f"{governed.name}_OWNER")
    tagging = f"ALTER VIEW {governed.view} MODIFY COLUMN BODY SET TAG {governed.tag} = 'text'"
    assert owner.refusal(tagging)[0] == 3001
    governed.admin.run(f"GRANT APPLY ON TAG {governed.tag} TO ROLE {governed.name}_OWNER")
    owner.run(tagging)
    assert governed.seen_by(f"{governed.name}_OTHER") == [(1, None), (2, None)]


def test_masking_is_for_who_may_apply_policies_in_the_account(governed: Governed) -> None:
    owner = f"{governed.name}_OWNER"
    governed.admin.run(f"GRANT OWNERSHIP ON TAG {governed.tag} TO ROLE {owner}")
    setting = f"ALTER TAG {governed.tag} SET MASKING POLICY {governed.name}.RULES.MASK FORCE"
    assert governed.session_of(owner).refusal(setting)[0] == 3001
    governed.admin.run(f"GRANT APPLY MASKING POLICY ON ACCOUNT TO ROLE {owner}")
    governed.session_of(owner).run(setting)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT * FROM {name}.SHOWN.ROWS_", 2003),
        ("select * from {name}.shown.rows_", 2003),
        ("SELECT * FROM {name}.SHOWN.TEXTS JOIN {name}.SHOWN.ROWS_ USING (ID)", 2003),
        ("CREATE TABLE {name}.SHOWN.MINE AS SELECT 1 AS A", 3001),
        ("CREATE OR REPLACE VIEW {name}.SHOWN.TEXTS AS SELECT 1 AS A", 3001),
        ("INSERT INTO {name}.SHOWN.ROWS_ VALUES (3, 'c', 'C')", 3001),
        ("DELETE FROM {name}.SHOWN.ROWS_", 3001),
        ("UPDATE {name}.SHOWN.ROWS_ SET BODY = ''", 3001),
        ("TRUNCATE TABLE {name}.SHOWN.ROWS_", 3001),
        ("DROP VIEW {name}.SHOWN.TEXTS", 3001),
        ("ALTER TABLE {name}.SHOWN.ROWS_ ADD COLUMN C NUMBER", 3001),
        ("CREATE TAG {name}.RULES.MINE", 3001),
    ],
)
def test_a_role_without_the_privilege_is_refused(governed: Governed, statement: str, code: int) -> None:
    other = governed.session_of(f"{governed.name}_OTHER")
    assert other.refusal(statement.format(name=governed.name))[0] == code


def test_a_role_that_inherits_the_owners_may_do_what_the_owner_may(governed: Governed) -> None:
    governed.admin.run(f"GRANT ROLE {governed.name}_OWNER TO ROLE {governed.name}_OTHER")
    governed.session_of(f"{governed.name}_OTHER").run(f"DROP VIEW {governed.view}")


def test_columns_of_an_external_table_carry_tags(raw: Raw) -> None:
    raw.put([review(1)], "2026-01-01", "b1")
    raw.create()
    raw.session.run(
        f"CREATE TAG {raw.database}.RAW.PERSONAL",
        f"ALTER TABLE {raw.table} MODIFY COLUMN REVIEW_KEY SET TAG {raw.database}.RAW.PERSONAL = 'key'",
    )
    references = (
        f"TABLE({raw.database}.INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('{raw.table}', 'TABLE'))"
    )
    assert raw.session.rows(f"SELECT COLUMN_NAME, TAG_VALUE FROM {references}") == [("REVIEW_KEY", "key")]


def test_tags_and_policies_outlive_the_server(aws: Server, tmp_path: Path) -> None:
    first = start_snowflake(tmp_path, aws)
    session = Session(first)
    session.run(
        "CREATE DATABASE D",
        "CREATE TABLE D.PUBLIC.T (A VARCHAR)",
        "INSERT INTO D.PUBLIC.T VALUES ('secret')",
        "CREATE TAG D.PUBLIC.PERSONAL",
        "CREATE MASKING POLICY D.PUBLIC.MASK AS (v STRING) RETURNS STRING -> '*'",
        "ALTER TAG D.PUBLIC.PERSONAL SET MASKING POLICY D.PUBLIC.MASK",
        "ALTER TABLE D.PUBLIC.T MODIFY COLUMN A SET TAG D.PUBLIC.PERSONAL = 'x'",
    )
    session.close()
    first.stop()
    second = start_snowflake(tmp_path, aws, "--edition", "standard")
    again = Session(second)
    try:
        assert again.value("SELECT A FROM D.PUBLIC.T") == "*"
        for statement, feature in (
            ("CREATE TAG D.PUBLIC.OTHER", "TAG"),
            ("SHOW TAGS IN DATABASE D", "TAG"),
            ("CREATE MASKING POLICY D.PUBLIC.M AS (v STRING) RETURNS STRING -> v", "MASKING POLICY"),
        ):
            assert again.refusal(statement) == (
                *(2, "0A000"),
                f"000002 (0A000): Unsupported feature '{feature}'.",
            )
    finally:
        again.close()
        second.stop()
