"""Timestamps in results (extension "results").

fakesnow makes of a timestamp's NULL the first second of 1970: it builds the structs that drivers expect
without their validity. Those of a session whose time zone is not UTC it does not answer at all.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from local_snowflake.pinned import private, replace

_arrow = private("results", "fakesnow.arrow", "timestamp_to_sf_struct", "to_sf")


def install() -> None:
    """Keep NULL what is NULL, and a moment what is one, wherever the session is."""
    replace(_arrow, "timestamp_to_sf_struct", _timestamps)


def _timestamps(original: Any) -> Any:
    def timestamp_to_sf_struct(timestamps: Any) -> Any:
        if isinstance(timestamps, pa.ChunkedArray):
            timestamps = timestamps.combine_chunks()
        if timestamps.type.tz is not None:
            timestamps = timestamps.cast(pa.timestamp(timestamps.type.unit, tz="UTC"))
        missing = pc.is_null(timestamps)
        filled = original(pc.fill_null(timestamps, pa.scalar(0, pa.int64()).cast(timestamps.type)))
        return pa.StructArray.from_arrays(filled.flatten(), fields=list(filled.type), mask=missing)

    return timestamp_to_sf_struct
