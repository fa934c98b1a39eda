"""Whether the views in Snowflake are those of the project: then a run started by an event makes none again.

A view is its query. As long as the project is the same, so is the view, whatever rows have arrived.
"""

from __future__ import annotations

import hashlib

from transformation import artifacts
from transformation.settings import dbt_project, option

_KEPT = "views.sha256"
# What a view depends on beside the files of the project: its database, and whether its columns are tagged.
_OPTIONS = ("snowflake_database", "snowflake_governance")


def project_digest() -> str:
    """A digest of all that the project's views are made of."""
    project = dbt_project()
    files = [project / "dbt_project.yml", *(project / "macros").rglob("*"), *(project / "models").rglob("*")]
    digest = hashlib.sha256("\n".join(option(name) for name in _OPTIONS).encode())
    for file in sorted(file for file in files if file.is_file()):
        digest.update(f"\n{file.relative_to(project)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def are_made_of(digest: str) -> bool:
    """Whether all views were made of the project with this digest, and no build has failed since."""
    return artifacts.read(artifacts.BETWEEN_RUNS, _KEPT) == digest


def remember(digest: str) -> None:
    """Notes that all views are made of the project with this digest."""
    artifacts.write(artifacts.BETWEEN_RUNS, _KEPT, digest)


def forget() -> None:
    """Notes that nobody knows of what the views are made: they are being made, or a build has failed."""
    artifacts.write(artifacts.BETWEEN_RUNS, _KEPT, "")
