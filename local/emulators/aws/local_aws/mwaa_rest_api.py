"""InvokeRestApi reaches the Airflow of this machine (extension "mwaa-rest-api").

MiniStack passes the call on without a login and without query parameters, and answers Airflow's errors as
successes.
Limits and errors as in "InvokeRestApi", Amazon MWAA API Reference.
"""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import requests

from local_aws.options import Options
from local_aws.pinned import private, replace

_EXTENSION = "mwaa-rest-api"
_mwaa = private(_EXTENSION, "ministack.services.mwaa", "_invoke_rest_api", "_environments")
_responses = private(_EXTENSION, "ministack.core.responses", "error_response_json", "json_response")

_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")
_MAX_PATH_LENGTH = 64
_SECONDS = 10
_BASE = "/api/v2"  # of Airflow 3

# Airflow's answers to a call without a token, and to one whose token another start of it signed.
_LOGIN_NEEDED = (401, 403)

_logger = logging.getLogger("local_aws.mwaa")


def install(options: Options) -> None:
    """Answer InvokeRestApi from the Airflow that the options name."""
    airflow = _Airflow(options.airflow_endpoint, options.airflow_passwords)

    async def invoke(_method: str, path: str, _headers: Any, body: bytes, _query: Any) -> Any:
        name = path.strip("/").split("/")[-1]
        if name not in _mwaa._environments:
            return _responses.error_response_json(
                "ResourceNotFoundException", f"Environment {name} was not found", 404
            )
        asked = json.loads(body or b"{}")
        wrong = _mistake(asked)
        if wrong:
            return _responses.error_response_json("ValidationException", wrong, 400)
        return await asyncio.to_thread(_answer, airflow, asked)

    replace(_mwaa, "_invoke_rest_api", lambda _original: invoke)


def _mistake(asked: dict[str, Any]) -> str | None:
    """What is wrong with a request, in AWS's manner; None if nothing is."""
    path, method = asked.get("Path"), asked.get("Method")
    if method not in _METHODS:
        return f"Method {method!r} is not one of {', '.join(_METHODS)}"
    if not isinstance(path, str) or not path.startswith("/"):
        return f"Path {path!r} does not begin with /"
    if len(path) > _MAX_PATH_LENGTH:
        return f"Path has {len(path)} characters; at most {_MAX_PATH_LENGTH} are allowed"
    return None


def _answer(airflow: "_Airflow", asked: dict[str, Any]) -> Any:
    try:
        response = airflow.call(asked)
    except requests.RequestException as error:
        _logger.warning("InvokeRestApi: Airflow does not answer (%s)", type(error).__name__)
        return _responses.error_response_json(
            "InternalServerException", "An internal error has occurred", 500
        )
    answer = {"RestApiStatusCode": response.status_code, "RestApiResponse": _content(response)}
    if response.ok:
        return _responses.json_response(answer)
    side = "Client" if response.status_code < 500 else "Server"
    return _responses.error_response_json(
        f"RestApi{side}Exception",
        f"A {side.lower()}-side error occurred during the Apache Airflow REST API call",
        400,
        answer,
    )


def _content(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return response.text


class _Airflow:
    """Airflow's REST API, with the login of its only user."""

    def __init__(self, address: str | None, passwords: Path | None) -> None:
        self._address = address
        self._passwords = passwords
        self._session = requests.Session()

    def call(self, asked: dict[str, Any]) -> requests.Response:
        """Send a request; log in first, or again when the login is over. Raises RequestException."""
        if self._address is None:
            raise requests.ConnectionError("no --airflow-endpoint was given")
        response = self._send(asked)
        if response.status_code in _LOGIN_NEEDED and self._log_in():
            response = self._send(asked)
        return response

    def _send(self, asked: dict[str, Any]) -> requests.Response:
        return self._session.request(
            asked["Method"],
            f"{self._address}{_BASE}{asked['Path']}",
            params=asked.get("QueryParameters"),
            json=asked.get("Body"),
            timeout=_SECONDS,
        )

    def _log_in(self) -> bool:
        """Get a token from Airflow's simple auth manager; False if no user is configured."""
        if self._passwords is None or not self._passwords.exists():
            return False
        username, password = next(iter(json.loads(self._passwords.read_text()).items()))
        answer = self._session.post(
            f"{self._address}/auth/token", json={"username": username, "password": password}, timeout=_SECONDS
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return True
