"""The DAG's parameters, from the form or the API to dbt's command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

# What dbt's selection syntax needs, but no hyphen: nothing in it can become an option, or speak to a shell.
_SELECTION = r"^[A-Za-z0-9_.:+@*,/ ]*$"

PARAMS: dict[str, Param] = {
    "full_refresh": Param(
        False,
        type="boolean",
        title="Full refresh",
        description="Rebuild incremental models from everything that RAW holds.",
    ),
    "select": Param(
        "",
        type="string",
        pattern=_SELECTION,
        maxLength=500,
        title="Select",
        description="Models to build, in dbt's selection syntax: `+product_daily tag:core`. Empty: all.",
    ),
}


# Tests of the marts: each runs after its mart is built, so it prevents nothing. They are half of all tests,
# and half of the tests' cost.
_TESTS_OF_MARTS = [f"resource_type:test,path:models/{layer}" for layer in ("presentation", "detail")]
# What compares tables with each other or with RAW, over weeks of rows: once a day is enough.
_AUDITS = ["test_name:relationships", "tag:audit"]
# The rules of a model are asked in one statement (all_rules) or test by test: never twice.
_ALL_RULES = "test_name:all_rules"
SINGLE_RULES = (
    "accepted_values",
    "columns_not_negative",
    "columns_not_null",
    "in_range",
    "is_true",
    "unique",
    "unique_key",
)
"""As dbt_project.yml names them, in `single_rules`."""
_ON_SCHEDULE_ONLY = [*_TESTS_OF_MARTS, *_AUDITS, *(f"test_name:{rule}" for rule in SINGLE_RULES)]
_VIEWS = "resource_type:model,config.materialized:view"
# Made once, and again when the project says so: then its views are not made of the project either.
_KEYS = "path:models/core/pseudonym_keys*"
# Otherwise dbt leaves out the tests of the views with the views, and these hold back what is wrong.
_BUT_NOT_THEIR_TESTS = ["--indirect-selection", "empty"]


def build_arguments(params: Mapping[str, Any], *, on_event: bool, without_views: bool = False) -> list[str]:
    """Arguments of `dbt build` for valid parameters, one item each: they never become text of a command.

    on_event: leave audits and the tests of the marts to the runs on schedule and by hand, and ask the rules
    of each model in one statement. without_views: leave as they are the views, and what else changes with
    the project only.
    """
    selected = str(params["select"]).split()
    left_out = [
        *(_ON_SCHEDULE_ONLY if on_event else [_ALL_RULES]),
        *([_VIEWS, _KEYS] if without_views else []),
    ]
    return [
        *(["--full-refresh"] if params["full_refresh"] is True else []),
        *(["--select", *selected] if selected else []),
        *(_BUT_NOT_THEIR_TESTS if without_views else []),
        *["--exclude", *left_out],
    ]
