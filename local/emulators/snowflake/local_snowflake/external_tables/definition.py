"""What an external table is."""

from dataclasses import asdict, dataclass
from typing import Any

KIND = "EXTERNAL TABLE"


@dataclass
class Column:
    """A virtual column.

    type, expression: as the statement has them.
    sql: the value, of the declared type, as a DuckDB expression over what view.py offers.
    from_path: whether the value comes out of METADATA$FILENAME alone, and so is the same for all rows of a
    file.
    """

    name: str
    type: str
    expression: str
    sql: str
    from_path: bool = False
    nullable: bool = True


@dataclass
class Definition:
    """An external table except for its files.

    stage: qualified name of the stage; path: below it; bucket, prefix: where both lead, at the table's
    creation.
    pattern: a regular expression that the path of a file below the stage's URL has to match.
    """

    stage: list[str]
    path: str
    bucket: str
    prefix: str
    columns: list[Column]
    partition_by: list[str]
    auto_refresh: bool
    pattern: str | None
    pattern_base: str
    file_format: dict[str, Any]
    owner: str
    comment: str = ""
    last_refreshed_on: str | None = None

    @property
    def url(self) -> str:
        """Where the files lie."""
        return f"s3://{self.bucket}/{self.prefix}"

    def to_json(self) -> dict[str, Any]:
        """As a document for the store."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Definition":
        """From a document of the store."""
        return cls(**{**document, "columns": [Column(**column) for column in document["columns"]]})
