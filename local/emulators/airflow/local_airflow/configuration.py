"""Airflow's configuration on one machine, as environment variables of its processes.

What is not set here is as the caller's environment has it: the options of the deployed MWAA environment.
"""

import json
import secrets
from base64 import urlsafe_b64encode

from local_airflow.options import Options

# Tasks at one time. dbt is one task and takes what threads it is given; a second slot holds none up.
_PARALLEL_TASKS = 2

# How long a process waits for the database while another writes (seconds): SQLite has one writer at a time.
_DATABASE_SECONDS = 30


def variables(options: Options) -> dict[str, str]:
    """The variables that make the processes one Airflow, apart from every other on this machine."""
    users = json.loads(options.passwords.read_text())
    chosen = {
        "core.dags_folder": str(options.dags),
        "core.load_examples": "False",
        "core.dags_are_paused_at_creation": "False",
        "core.executor": "LocalExecutor",
        "core.parallelism": str(_PARALLEL_TASKS),
        "core.execution_api_server_url": f"{options.endpoint}/execution/",
        "core.fernet_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "core.simple_auth_manager_users": ",".join(f"{user}:admin" for user in users),
        "core.simple_auth_manager_passwords_file": str(options.passwords),
        "database.sql_alchemy_conn": f"sqlite:///{options.state / 'airflow.db'}?timeout={_DATABASE_SECONDS}",
        "api.base_url": options.endpoint,
        "api.secret_key": secrets.token_hex(16),
        "api_auth.jwt_secret": secrets.token_hex(32),
        "logging.base_log_folder": str(options.state / "logs"),
        "dag_processor.parsing_processes": "1",
        "usage_data_collection.enabled": "False",
    }
    named = {f"AIRFLOW__{name.replace('.', '__').upper()}": value for name, value in chosen.items()}
    return {"AIRFLOW_HOME": str(options.state), **named}
