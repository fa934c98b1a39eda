"""The authorities by which a database's certificate is checked."""

from __future__ import annotations

import tempfile
from functools import cache

import certifi


@cache
def authority_file(certificate: str | None) -> str:
    """The file of those that are trusted: that of the secret (PEM), else the usual ones."""
    if certificate is None:
        return certifi.where()
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(certificate)
    return file.name
