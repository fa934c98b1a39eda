"""Who may log in, by which key, and in which role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from emulator_process import Server
from snowflake.connector.errors import DatabaseError, Error
from support import Session, start_snowflake


def new_key() -> tuple[bytes, str]:
    """A private key (DER) and its public key (PEM)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def in_base64(pem: str) -> str:
    """A public key as CREATE USER takes it."""
    return "".join(pem.strip().splitlines()[1:-1])


def refused(login: Callable[[], object]) -> tuple[int | None, str]:
    """Code and message by which a login is refused."""
    with pytest.raises(Error) as caught:
        login()
    assert isinstance(caught.value, DatabaseError)
    return caught.value.errno, str(caught.value.msg)


@pytest.fixture(scope="module")
def keys() -> tuple[bytes, str]:
    """The administrator's key pair."""
    return new_key()


@pytest.fixture(scope="module")
def guarded(
    aws: Server, keys: tuple[bytes, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that lets ADMIN in, by its key."""
    state = tmp_path_factory.mktemp("guarded")
    public: Path = state / "admin.pem"
    public.write_text(keys[1])
    started = start_snowflake(state, aws, "--public-key", str(public), "--user", "admin")
    yield started
    started.stop()


def test_the_expected_user_logs_in_by_the_expected_key(guarded: Server, keys: tuple[bytes, str]) -> None:
    session = Session(guarded, user="ADMIN", private_key=keys[0])
    assert session.rows("SELECT CURRENT_USER(), CURRENT_ROLE()") == [("ADMIN", "ACCOUNTADMIN")]


def test_another_key_is_refused(guarded: Server) -> None:
    code, message = refused(lambda: Session(guarded, user="ADMIN", private_key=new_key()[0]))
    assert (code, "JWT token is invalid" in message) == (390144, True)


def test_another_user_is_refused(guarded: Server, keys: tuple[bytes, str]) -> None:
    assert refused(lambda: Session(guarded, user="SOMEONE", private_key=keys[0]))[0] == 390144


def test_a_password_is_no_key(guarded: Server) -> None:
    assert refused(lambda: Session(guarded, user="ADMIN"))[0] == 390100


def test_a_created_user_logs_in_by_its_own_key_in_the_roles_it_was_granted(
    guarded: Server, keys: tuple[bytes, str]
) -> None:
    private, public = new_key()
    admin = Session(guarded, user="ADMIN", private_key=keys[0])
    admin.run(
        "CREATE ROLE LOADER",
        "CREATE ROLE PARENT",
        "CREATE ROLE UNRELATED",
        "GRANT ROLE LOADER TO ROLE PARENT",
        f"CREATE USER SERVICE TYPE = SERVICE RSA_PUBLIC_KEY = '{in_base64(public)}' DEFAULT_ROLE = PARENT",
        "GRANT ROLE PARENT TO USER SERVICE",
    )
    assert Session(guarded, user="service", private_key=private).value("SELECT CURRENT_ROLE()") == "PARENT"
    inherited = Session(guarded, user="SERVICE", private_key=private, role="LOADER")
    assert inherited.value("SELECT CURRENT_ROLE()") == "LOADER"
    for role in ("UNRELATED", "NOWHERE"):
        code, message = refused(
            lambda role=role: Session(guarded, user="SERVICE", private_key=private, role=role)
        )  # type: ignore[misc]
        assert (code, f"'{role}'" in message) == (390189, True)
    assert refused(lambda: Session(guarded, user="SERVICE", private_key=keys[0]))[0] == 390144

    admin.run("ALTER USER SERVICE SET DISABLED = TRUE")
    assert refused(lambda: Session(guarded, user="SERVICE", private_key=private))[0] == 390101


def test_without_an_expected_key_anyone_nobody_created_logs_in(server: Server) -> None:
    assert Session(server, user="ANYONE").value("SELECT CURRENT_USER()") == "ANYONE"
    assert Session(server, user="ANYONE", private_key=new_key()[0]).value("SELECT CURRENT_USER()") == "ANYONE"


def test_logging_in_creates_no_database(server: Server) -> None:
    session = Session(server, database="NEVER", schema="MADE")
    assert session.rows("SHOW DATABASES LIKE 'NEVER'") == []


def test_either_key_of_a_user_opens_until_it_is_taken_away_and_no_statement_fails_meanwhile(
    guarded: Server, keys: tuple[bytes, str]
) -> None:
    """ "Key-pair authentication and key-pair rotation", Snowflake user guide."""
    admin = Session(guarded, user="ADMIN", private_key=keys[0])
    (first, first_public), (second, second_public), (third, _) = new_key(), new_key(), new_key()
    admin.run(f"CREATE USER ROTATED RSA_PUBLIC_KEY = '{in_base64(first_public)}'")
    working = Session(guarded, user="ROTATED", private_key=first)
    admin.run(f"ALTER USER ROTATED SET RSA_PUBLIC_KEY_2 = '{in_base64(second_public)}'")
    assert working.value("SELECT 1") == 1
    for key in (first, second):
        assert Session(guarded, user="ROTATED", private_key=key).value("SELECT CURRENT_USER()") == "ROTATED"
    assert refused(lambda: Session(guarded, user="ROTATED", private_key=third))[0] == 390144
    admin.run("ALTER USER ROTATED UNSET RSA_PUBLIC_KEY")
    assert working.value("SELECT 1") == 1
    assert refused(lambda: Session(guarded, user="ROTATED", private_key=first))[0] == 390144
    assert Session(guarded, user="ROTATED", private_key=second).value("SELECT 1") == 1


def test_a_session_has_the_clock_of_its_user_or_that_of_los_angeles(
    guarded: Server, keys: tuple[bytes, str]
) -> None:
    """TIMEZONE in "Parameters", Snowflake SQL reference."""
    admin = Session(guarded, user="ADMIN", private_key=keys[0], session_parameters={})
    private, public = new_key()
    admin.rows(f"CREATE USER INDIAN RSA_PUBLIC_KEY = '{in_base64(public)}' TIMEZONE = 'Asia/Kolkata'")
    session = Session(guarded, user="INDIAN", private_key=private, session_parameters={})
    minutes = "SELECT ROUND(DATEDIFF('second', SYSDATE(), CURRENT_TIMESTAMP()::TIMESTAMP_NTZ) / 60)"
    assert [int(row[0]) for row in session.rows(minutes)] == [330]
    assert int(admin.value(minutes)) in (-420, -480)
    admin.run("ALTER SESSION SET TIMEZONE = 'UTC'")
    assert [int(row[0]) for row in admin.rows(minutes)] == [0]
    (moment,) = session.rows("SELECT '2026-11-21 12:00:00 +0000'::TIMESTAMP_TZ")
    assert moment[0].timestamp() == datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
