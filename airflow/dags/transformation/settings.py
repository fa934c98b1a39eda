"""Where things are, and what the environment configures.

Options are Airflow's, of the section `reviews`: on MWAA the configuration option `reviews.<option>`,
elsewhere the environment variable `AIRFLOW__REVIEWS__<OPTION>`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from airflow.configuration import conf
from airflow.exceptions import AirflowFailException

_SECTION = "reviews"
_DEFAULTS = {
    # Off-peak, and not on the full hour, when most schedules start.
    "dbt_schedule": "17 5 * * *",
    "snowflake_role": "REVIEWS_TRANSFORMER",
    "snowflake_warehouse": "REVIEWS_WH",
    "snowflake_database": "REVIEWS",
    "snowflake_governance": "false",
}

_DAGS_FOLDER = Path(__file__).resolve().parents[1]
_CHECKOUT = _DAGS_FOLDER.parents[1]


def option(name: str) -> str:
    """Value of a configuration option.

    Raises AirflowFailException, which no retry follows, where an option without a default is not set.
    """
    value = optional(name)
    if not value:
        raise AirflowFailException(
            f"The configuration option {_SECTION}.{name} is not set. Set it on the MWAA environment, "
            f"or as the environment variable AIRFLOW__{_SECTION.upper()}__{name.upper()}."
        )
    return value


def optional(name: str) -> str | None:
    """Value of a configuration option, None where it is neither set nor has a default."""
    return str(conf.get(_SECTION, name, fallback=_DEFAULTS.get(name, ""))) or None


def dbt_executable() -> str:
    """dbt, in an environment of its own: the startup script of MWAA says where."""
    return os.environ.get("DBT_BIN", "/usr/local/airflow/dbt_venv/bin/dbt")


def dbt_project() -> Path:
    """Folder of the dbt project. Nothing is written there."""
    given = os.environ.get("DBT_PROJECT_DIR")
    return Path(given) if given else _delivered("dbt")


def contract() -> dict[str, str]:
    """Names that whoever starts the DAG has to know (contracts/orchestration.json)."""
    return dict(json.loads((_delivered("contracts") / "orchestration.json").read_text()))


def _delivered(folder: str) -> Path:
    """A folder of the repository: delivered into the DAGs folder, in a checkout at the top."""
    beside = _DAGS_FOLDER / folder
    return beside if beside.is_dir() else _CHECKOUT / folder
