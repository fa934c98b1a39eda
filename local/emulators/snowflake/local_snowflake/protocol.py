"""The HTTP protocol of Snowflake's drivers, where fakesnow's is not enough (extension "protocol")."""

import base64
import datetime
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_snowflake import errors
from local_snowflake.pinned import private

_server = private("protocol", "fakesnow.server", "query_request", "to_token")

# Snowflake's defaults; drivers write dates and times by them.
_PARAMETERS = {
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
    "TIMEZONE": "Etc/UTC",
}
_EPOCH = datetime.date(1970, 1, 1)


class Queries:
    """Answers to query requests: errors without HTTP 500, and JSON rows for drivers that read no Arrow."""

    def __init__(self) -> None:
        self._json_tokens: set[str] = set()

    def answer_in_json(self, token: str) -> None:
        """Have the queries of a session answered by JSON rows."""
        self._json_tokens.add(token)

    async def request(self, request: Request) -> Response:
        """``POST /queries/v1/query-request``."""
        response: Response = await _server.query_request(request)
        if response.status_code == 500:
            return _failure(errors.internal(RuntimeError(_message(response))))
        if response.status_code != 200 or _server.to_token(request) not in self._json_tokens:
            return response
        return JSONResponse(_with_json_rows(json.loads(bytes(response.body))))


def _failure(error: Any) -> JSONResponse:
    code = f"{error.errno:06d}"
    data = {"errorCode": code, "sqlState": error.sqlstate}
    return JSONResponse({"data": data, "code": code, "message": error.msg, "success": False})


def _message(response: Response) -> str:
    return str(json.loads(bytes(response.body))["message"])


def _with_json_rows(body: dict[str, Any]) -> dict[str, Any]:
    data = body.get("data") or {}
    data["parameters"] = [{"name": name, "value": value} for name, value in _PARAMETERS.items()]
    if data.get("queryResultFormat") == "arrow":
        encoded = base64.b64decode(data.pop("rowsetBase64"))
        types = [column["type"].lower() for column in data["rowtype"]]
        data |= {"queryResultFormat": "json", "rowset": _rows(encoded, types)}
    if "rowset" in data:
        data |= {"returned": len(data["rowset"]), "total": len(data["rowset"])}
    return body


def _rows(encoded: bytes, types: Sequence[str]) -> list[list[str | None]]:
    if not encoded:
        return []
    table = pa.ipc.open_stream(encoded).read_all()
    columns = [
        [_cell(value, kind) for value in column.to_pylist()]
        for column, kind in zip(table.columns, types, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any, kind: str) -> str | None:
    """A value as Snowflake's JSON rows have it."""
    if value is None:
        return None
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "date":
        return str((value - _EPOCH).days)
    if kind == "time":
        return f"{value / 1_000_000_000:.9f}"
    if kind.startswith("timestamp"):
        zone = f" {value['timezone']}" if kind == "timestamp_tz" else ""
        return f"{value['epoch']}.{value['fraction']:09d}{zone}"
    if kind == "binary":
        return bytes(value).hex().upper()
    return value if isinstance(value, str) else str(value)
