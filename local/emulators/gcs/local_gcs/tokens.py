"""Access tokens for a service account, as Google's server gives them.

"Using OAuth 2.0 for Server to Server Applications", Google Identity: a JWT that the account's key has signed
is exchanged for a token of the scope that it names.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPES = "https://www.googleapis.com/auth/devstorage."
_EMAIL = "reviews@example.iam.gserviceaccount.com"
# Whom the JWT is for, wherever it is sent: Google's clients know one server only.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_SECONDS = 3_600


class Tokens:
    """The tokens that were given, with what they allow."""

    def __init__(self, address: str) -> None:
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self._address = address
        self._scopes: dict[str, set[str]] = {}

    def key_file(self) -> dict[str, str]:
        """The key of the service account, as Google gives it out."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {
            "type": "service_account",
            "project_id": "example",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": _EMAIL,
            "token_uri": self._address,
        }

    def give(self, form: Mapping[str, str]) -> dict[str, object] | None:
        """An answer with a token; None where the request is not signed by the account."""
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                self._key.public_key(),
                algorithms=["RS256"],
                audience=_AUDIENCE,
                issuer=_EMAIL,
                options={"require": ["exp", "iat", "scope"]},
            )
        except jwt.InvalidTokenError:
            return None
        if form.get("grant_type") != _GRANT:
            return None
        return self.of_scopes(claims["scope"])

    def of_scopes(self, scopes: str) -> dict[str, object]:
        """A token of these scopes."""
        token = secrets.token_urlsafe()
        self._scopes[token] = set(scopes.split())
        return {"access_token": token, "expires_in": _SECONDS, "token_type": "Bearer"}

    def allows(self, header: str, *, writing: bool) -> int | None:
        """The status that refuses a call; None where its token allows it."""
        scopes = self._scopes.get(header.removeprefix("Bearer "))
        if scopes is None:
            return 401
        writers = {f"{_SCOPES}read_write", f"{_SCOPES}full_control"}
        readers = {*writers, f"{_SCOPES}read_only"}
        return None if scopes & (writers if writing else readers) else 403
