"""Storage integrations keep their identity, and stages keep within them."""

import pytest
from support import BUCKET, Session

LOCATIONS = f"STORAGE_ALLOWED_LOCATIONS = ('s3://{BUCKET}/tables/', 's3://other/a')"
CREATE = (
    "STORAGE INTEGRATION {} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
    f" STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/x' {LOCATIONS} COMMENT = 'mine'"
)


def described(session: Session, name: str) -> dict[str, str]:
    """What DESC INTEGRATION says, by property."""
    return {
        row["property"]: row["property_value"] for row in session.records(f"DESC STORAGE INTEGRATION {name}")
    }


@pytest.fixture
def integration(session: Session, name: str) -> str:
    """A storage integration."""
    session.run(f"CREATE {CREATE.format(name)}")
    return name


def test_create_tells_whom_the_role_has_to_trust(session: Session, integration: str) -> None:
    found = described(session, integration)
    assert found["STORAGE_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::999999999999:user/")
    assert found["STORAGE_AWS_EXTERNAL_ID"]
    assert found["STORAGE_ALLOWED_LOCATIONS"] == f"s3://{BUCKET}/tables/,s3://other/a"
    assert found["ENABLED"] == "true"
    (shown,) = session.records(f"SHOW INTEGRATIONS LIKE '{integration.lower()}'")
    assert (shown["name"], shown["type"], shown["enabled"], shown["comment"]) == (
        integration,
        "EXTERNAL_STAGE",
        "true",
        "mine",
    )


def test_only_replacing_it_changes_the_external_id(session: Session, integration: str) -> None:
    before = described(session, integration)["STORAGE_AWS_EXTERNAL_ID"]
    session.run(
        f"CREATE {CREATE.format(f'IF NOT EXISTS {integration}')}",
        f"ALTER STORAGE INTEGRATION {integration} SET STORAGE_AWS_ROLE_ARN = 'arn:new' {LOCATIONS}",
    )
    after = described(session, integration)
    assert (after["STORAGE_AWS_EXTERNAL_ID"], after["STORAGE_AWS_ROLE_ARN"]) == (before, "arn:new")
    session.run(f"CREATE OR REPLACE {CREATE.format(integration)}")
    assert described(session, integration)["STORAGE_AWS_EXTERNAL_ID"] != before


def test_creating_it_twice_and_dropping_it_twice_are_errors(session: Session, integration: str) -> None:
    assert session.refusal(f"CREATE {CREATE.format(integration)}")[:2] == (2002, "42710")
    session.run(f"DROP INTEGRATION {integration}", f"DROP INTEGRATION IF EXISTS {integration}")
    assert session.refusal(f"DROP STORAGE INTEGRATION {integration}")[:2] == (2003, "02000")
    assert session.refusal(f"DESC INTEGRATION {integration}")[:2] == (2003, "02000")
    assert session.refusal(f"ALTER STORAGE INTEGRATION {integration} SET ENABLED = TRUE")[0] == 2003


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (CREATE.replace("'S3'", "'GCS'"), "STORAGE_PROVIDER"),
        (CREATE.replace(LOCATIONS, ""), "STORAGE_ALLOWED_LOCATIONS"),
        (CREATE.replace(LOCATIONS, "STORAGE_ALLOWED_LOCATIONS = ('https://x/')"), "https://x/"),
        (CREATE + " NO_SUCH_PROPERTY = 1", "NO_SUCH_PROPERTY"),
        (CREATE.replace("EXTERNAL_STAGE", "QUEUE"), "TYPE"),
    ],
)
def test_what_it_cannot_honour_it_refuses_by_name(
    session: Session, name: str, wrong: str, expected: str
) -> None:
    assert expected in session.refusal(f"CREATE {wrong.format(name)}")[2]
    assert session.rows(f"SHOW INTEGRATIONS LIKE '{name}'") == []
