"""Users. Those with a public key log in by it; see login.py."""

from typing import Any

from cryptography.hazmat.primitives import serialization

from local_snowflake import errors, session
from local_snowflake.account.grants import Grants
from local_snowflake.lifecycle import drop_named, dropped, kept
from local_snowflake.show import Filter, first
from local_snowflake.statements import Answer, Call, Handlers, columns, status
from local_snowflake.store import Properties, Store

KIND = "USER"
KEY_SLOTS = ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2")
"""A user may log in by either key: so keys are rotated without a gap ("Key-pair authentication and key-pair
rotation", Snowflake user guide)."""
_SETTABLE = {
    "TYPE",
    *KEY_SLOTS,
    "DEFAULT_ROLE",
    "DEFAULT_NAMESPACE",
    "DEFAULT_WAREHOUSE",
    "DEFAULT_SECONDARY_ROLES",
    "LOGIN_NAME",
    "DISPLAY_NAME",
    "EMAIL",
    "DISABLED",
    "TIMEZONE",
    "STATEMENT_TIMEOUT_IN_SECONDS",
    "QUERY_TAG",
    "COMMENT",
}
_COLUMNS = columns(
    "name created_on login_name display_name first_name last_name email mins_to_unlock "
    "days_to_expiry comment disabled must_change_password snowflake_lock "
    "default_warehouse default_namespace default_role default_secondary_roles "
    "ext_authn_duo ext_authn_uid mins_to_bypass_mfa owner last_success_login "
    "expires_at_time locked_until_time has_password has_rsa_public_key type has_mfa"
)


class Users:
    """The statements on users, and what a login needs to know of them."""

    def __init__(self, store: Store, grants: Grants) -> None:
        self._store = store
        self._grants = grants

    def handlers(self) -> Handlers:
        """Handlers by verb and noun."""
        return {
            "CREATE USER": self._create,
            "ALTER USER": self._alter,
            "DESC USER": self._describe,
            "DROP USER": self._drop,
            "SHOW USERS": self._show,
        }

    def find(self, name: str) -> Properties | None:
        """What a user was created with; None for a user that nobody created."""
        return self._store.get(KIND, (name,))

    def exists(self, name: str) -> bool:
        """Whether somebody created such a user."""
        return self.find(name) is not None

    def _create(self, call: Call) -> Answer:
        keep = call.if_not_exists()
        name = call.reader.identifier()
        options = _checked(call.reader.options())
        call.reader.end()
        if answer := kept(call, self.exists(name), keep, (name,)):
            return answer
        self._store.put(KIND, (name,), {"owner": session.role(call.cursor._conn), **options})
        return status(f"User {name} successfully created.")

    def _alter(self, call: Call) -> Answer:
        optional = call.if_exists()
        name = call.reader.identifier()
        found = self.find(name)
        if found is None:
            return dropped(False, optional, "User", (name,))
        if call.reader.accept("UNSET"):
            removed = {call.reader.identifier()}
            while call.reader.accept(","):
                removed.add(call.reader.identifier())
            changed = {key: value for key, value in found.items() if key not in _checked_names(removed)}
        else:
            call.reader.expect("SET")
            changed = {**found, **_checked(call.reader.options())}
        call.reader.end()
        self._store.put(KIND, (name,), changed)
        return status()

    def _describe(self, call: Call) -> Answer:
        name = call.reader.identifier()
        call.reader.end()
        found = self.find(name)
        if found is None:
            raise errors.does_not_exist("User", name)
        rows = [("NAME", name, "null", "Name")]
        rows += [(key, str(found[key]) if key in found else "null", "null", "") for key in sorted(_SETTABLE)]
        return Answer(["property", "value", "default", "description"], rows)

    def _drop(self, call: Call) -> Answer:
        return drop_named(call, self._store, KIND, lambda name: self._grants.forget_grantee(KIND, name))

    def _show(self, call: Call) -> Answer:
        asked = Filter.read(call.reader)
        rows = [
            [_shown(column, name[0], found, created) for column in _COLUMNS]
            for name, found, created in self._store.all(KIND)
            if asked.matches(name[0])
        ]
        return Answer(_COLUMNS, first(rows, asked.limit))


def _shown(column: str, name: str, found: Properties, created: Any) -> Any:
    special = {
        "name": name,
        "owner": found["owner"],
        "created_on": created,
        "login_name": found.get("LOGIN_NAME", name),
        "display_name": found.get("DISPLAY_NAME", name),
        "disabled": str(found.get("DISABLED", False)).lower(),
        "has_password": "false",
        "has_rsa_public_key": str("RSA_PUBLIC_KEY" in found).lower(),
    }
    return special[column] if column in special else found.get(column.upper())


def _checked(options: Properties) -> Properties:
    _checked_names(set(options))
    for key in KEY_SLOTS:
        if key in options:
            _check_key(key, options[key])
    return options


def _checked_names(names: set[str]) -> set[str]:
    for key in names:
        if key == "PASSWORD":
            raise errors.unsupported("PASSWORD of a user; give it an RSA_PUBLIC_KEY")
        if key not in _SETTABLE:
            raise errors.invalid_property(key)
    return names


def _check_key(option: str, key: str) -> None:
    pem = f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"
    try:
        serialization.load_pem_public_key(pem.encode())
    except ValueError as error:
        raise errors.invalid_option(
            option, "…", "the base64 of a public key, without PEM's first and last line"
        ) from error
