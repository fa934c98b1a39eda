"""Logging in: who may, by which key, and with which role and warehouse (extension "login")."""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_snowflake import session
from local_snowflake.account.grants import Grants
from local_snowflake.account.roles import Roles
from local_snowflake.account.users import KEY_SLOTS, Users
from local_snowflake.pinned import private
from local_snowflake.protocol import Queries

_server = private("login", "fakesnow.server", "login_request", "sessions")

_KEY_PAIR = "SNOWFLAKE_JWT"
# Snowflake's clocks may differ from a client's by this much (seconds).
_CLOCK_TOLERANCE = 60


class RefusedError(Exception):
    """A login that is refused, with Snowflake's code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Logins:
    """Answers login requests.

    public_key: PEM file of the key of users that nobody created; without it they log in without proof.
    only_user: the only such user that may log in; any if None.
    """

    def __init__(
        self,
        queries: Queries,
        users: Users,
        roles: Roles,
        grants: Grants,
        public_key: Path | None,
        only_user: str | None,
    ) -> None:
        self._queries = queries
        self._users = users
        self._roles = roles
        self._grants = grants
        self._key = None if public_key is None else _load(public_key.read_text())
        self._only_user = None if only_user is None else only_user.upper()

    async def request(self, request: Request) -> Response:
        """``POST /session/v1/login-request``."""
        body = await request.body()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        data = json.loads(body)["data"]
        try:
            self._check(data)
            role = self._role(_user(data), request.query_params.get("roleName"))
        except RefusedError as refusal:
            answer = {"data": {}, "code": refusal.code, "message": str(refusal), "success": False}
            return JSONResponse(answer)
        # fakesnow creates a database of its own, in memory or elsewhere, where these parameters say so.
        kept = {k: v for k, v in data.get("SESSION_PARAMETERS", {}).items() if not _is_fakesnows(k)}
        response: Response = await _server.login_request(
            _with_body(request, {"data": {**data, "SESSION_PARAMETERS": kept}})
        )
        answered = json.loads(bytes(response.body))
        self._remember(answered["data"], data, role, request.query_params.get("warehouse"))
        return JSONResponse(answered)

    def _remember(
        self, answered: dict[str, Any], data: dict[str, Any], role: str, warehouse: str | None
    ) -> None:
        token = answered["token"]
        user = self._users.find(_user(data)) or {}
        chosen = user.get("DEFAULT_WAREHOUSE") if not warehouse else warehouse.upper()
        zone = _asked_time_zone(data) or user.get("TIMEZONE", session.NEW_ACCOUNTS_TIME_ZONE)
        identity = session.begin(_server.sessions[token], _user(data), role, chosen, zone)
        answered["masterToken"] = token
        answered["sessionId"] = identity
        answered["sessionInfo"] |= {"roleName": role, "warehouseName": chosen}
        if str(data.get("CLIENT_APP_ID", "")).lower() in ("javascript", "nodejs"):
            self._queries.answer_in_json(token)

    def _role(self, user: str, asked: str | None) -> str:
        created = self._users.find(user)
        if not asked:
            asked = session.ADMINISTRATOR if created is None else str(created.get("DEFAULT_ROLE", "PUBLIC"))
        role = asked.strip('"') if asked.startswith('"') else asked.upper()
        if not self._roles.exists(role) or (created is not None and not self._grants.has_role(user, role)):
            message = f"Role '{role}' specified in the connect string does not exist or not authorized."
            raise RefusedError("390189", message)
        return role

    def _check(self, data: dict[str, Any]) -> None:
        user = _user(data)
        created = self._users.find(user) or {}
        if created.get("DISABLED"):
            raise RefusedError("390101", "User access disabled. Contact your local system administrator.")
        own = [_load(created[slot]) for slot in KEY_SLOTS if slot in created]
        others = [] if self._key is None else [self._key]
        keys = own or others
        by_key = data.get("AUTHENTICATOR") == _KEY_PAIR
        token = str(data.get("TOKEN", ""))
        if not keys:
            if by_key:
                _claims(token, user)
            return
        if not own and self._only_user not in (None, user):
            raise RefusedError("390144", "JWT token is invalid.")
        if not by_key:
            raise RefusedError("390100", "Incorrect username or password was specified.")
        _claims(token, user, [_fingerprint(key) for key in keys])
        for key in keys:
            if _issuer(token).endswith(_fingerprint(key)):
                _verify(token, key)


def _user(data: dict[str, Any]) -> str:
    return str(data.get("LOGIN_NAME", "")).upper()


def _asked_time_zone(data: dict[str, Any]) -> str | None:
    """What the client gives its session, before what its user has."""
    parameters = {key.upper(): value for key, value in data.get("SESSION_PARAMETERS", {}).items()}
    found: str | None = parameters.get("TIMEZONE")
    return found


def _is_fakesnows(parameter: str) -> bool:
    return parameter.upper() in ("FAKESNOW_DB_PATH", "NOP_REGEXES")


def _with_body(request: Request, body: Any) -> Request:
    """The same request with another body, not compressed."""
    headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-encoding"]
    changed = Request({**request.scope, "headers": headers})
    changed._body = json.dumps(body).encode()
    return changed


def _load(key: str) -> rsa.RSAPublicKey:
    if "-----BEGIN" not in key:
        key = f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"
    loaded = serialization.load_pem_public_key(key.encode())
    if not isinstance(loaded, rsa.RSAPublicKey):
        raise ValueError("the public key is not an RSA key; Snowflake takes no other")
    return loaded


def _fingerprint(key: rsa.RSAPublicKey) -> str:
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _issuer(token: str) -> str:
    return str(json.loads(_part(token.split(".")[1]))["iss"])


def _claims(token: str, user: str, fingerprints: Sequence[str] = ()) -> None:
    """Check what a token says of itself: for this user, by one of these keys, not expired."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(_part(payload))
        subject, issuer, expires = str(claims["sub"]), str(claims["iss"]), float(claims["exp"])
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError("390144", "JWT token is invalid: it is not a token of key-pair login.") from error
    if expires < time.time() - _CLOCK_TOLERANCE:
        raise RefusedError("390318", "JWT token has expired.")
    wrong_user = subject.split(".")[-1].upper() != user or not issuer.startswith(f"{subject}.SHA256:")
    wrong_key = fingerprints and issuer not in [f"{subject}.{fingerprint}" for fingerprint in fingerprints]
    if wrong_user or wrong_key:
        raise RefusedError("390144", "JWT token is invalid.")


def _verify(token: str, key: rsa.RSAPublicKey) -> None:
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(_part(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise RefusedError("390144", "JWT token is invalid.") from error
