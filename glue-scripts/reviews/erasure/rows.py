"""Rewrites a Parquet file without some of its rows, with the same schema, row groups and compression."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def without_rows(path: Path, numbers: Set[int], target: Path) -> None:
    """Writes the file to `target` without the rows of these numbers (from 0)."""
    file = pq.ParquetFile(path)
    with pq.ParquetWriter(target, file.schema_arrow, compression=_compression(file)) as writer:
        first = 0
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            kept = pa.array([number not in numbers for number in range(first, first + rows.num_rows)])
            writer.write_table(rows.filter(kept), row_group_size=max(1, rows.num_rows))
            first += rows.num_rows


def _compression(file: pq.ParquetFile) -> dict[str, str]:
    if file.num_row_groups == 0:
        return {}
    group = file.metadata.row_group(0)
    columns = (group.column(number) for number in range(group.num_columns))
    return {column.path_in_schema: _NAMES.get(column.compression, column.compression) for column in columns}


_NAMES = {"UNCOMPRESSED": "none"}
