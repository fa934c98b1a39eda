"""The login with which dbt reaches Snowflake.

It goes from Secrets Manager into the environment of the dbt process, and nowhere else: Airflow keeps the
rendered fields and the results of its tasks in its database, and every user of a machine can read command
lines.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from airflow.exceptions import AirflowFailException

from transformation.settings import option

_FIELDS = ("account", "user", "privateKey")


def login_environment() -> dict[str, str]:
    """The variables that dbt/profiles.yml reads.

    Raises AirflowFailException if the secret is not such a login; it never quotes the secret.
    """
    login = _read_secret(option("snowflake_secret"))
    return {
        "SNOWFLAKE_ACCOUNT": login["account"],
        "SNOWFLAKE_USER": login["user"],
        "SNOWFLAKE_PRIVATE_KEY": login["privateKey"],
        "SNOWFLAKE_ROLE": option("snowflake_role"),
        "SNOWFLAKE_WAREHOUSE": option("snowflake_warehouse"),
        "SNOWFLAKE_DATABASE": option("snowflake_database"),
        "SNOWFLAKE_GOVERNANCE": option("snowflake_governance"),
        **_address(login.get("accessUrl")),
    }


def _read_secret(name: str) -> dict[str, str]:
    # Heavy, and not needed to parse the DAG.
    from airflow.providers.amazon.aws.hooks.secrets_manager import SecretsManagerHook

    with _without_answers_in_the_log():
        hook = SecretsManagerHook(aws_conn_id=None)  # type: ignore[no-untyped-call]
        text = hook.get_secret(name)
    try:
        login: Any = json.loads(text)
    except ValueError:
        login = None
    if not isinstance(login, dict) or not all(isinstance(login.get(field), str) for field in _FIELDS):
        # The reason is the secret's own text: it must not become part of a traceback.
        raise AirflowFailException(
            f"The secret {name} is no login to Snowflake: "
            f"expected a JSON object with the texts {', '.join(_FIELDS)}."
        ) from None
    return login


@contextmanager
def _without_answers_in_the_log() -> Iterator[None]:
    """Where tasks log on level DEBUG, botocore would log the answer: the secret."""
    botocore = logging.getLogger("botocore")
    level = botocore.level
    botocore.setLevel(logging.INFO)
    try:
        yield
    finally:
        botocore.setLevel(level)


def _address(access_url: str | None) -> dict[str, str]:
    """Where Snowflake is, if not at <account>.snowflakecomputing.com."""
    if not access_url:
        return {}
    url = urlsplit(access_url)
    return {
        "SNOWFLAKE_HOST": url.hostname or "",
        "SNOWFLAKE_PORT": str(url.port or 443),
        "SNOWFLAKE_PROTOCOL": url.scheme,
    }
