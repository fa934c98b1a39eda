"""An object of a gigabyte takes little of the function's memory."""

from __future__ import annotations

import pytest
from large_object import SIZE, Ends, copy_large
from loads import MOST


@pytest.mark.parametrize("service", ["azure", "gcs"])
def test_a_gigabyte_passes_through_a_part_of_the_memory(service: str) -> None:
    with Ends.serving() as ends:
        peak = copy_large(ends, service)
        assert sum(ends.parts) == SIZE
    assert peak <= MOST, f"{peak / 1_000_000:.0f} MB"
