"""Salesforce: records by SOQL, a batch at a time.

"Query" and "QueryAll", REST API Developer Guide: a result that is not whole names its next batch.
"OAuth 2.0 Client Credentials Flow", Salesforce Help: an answer says no time of expiry.
"""

from __future__ import annotations

import re

from local_sources.service import Answer, Record, Request

_TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 (a path)
_QUERY_PATH = re.compile(r"^/services/data/v\d+\.0/queryAll(?:/([\w.]+)-(\d+))?$")
_SOQL = re.compile(
    r"^SELECT (?P<fields>[\w, ]+) FROM (?P<object>\w+) WHERE SystemModstamp >= (?P<since>\S+) "
    r"ORDER BY SystemModstamp, Id$"
)
# The smallest that a caller may ask for.
_BATCH = 200


class Salesforce:
    """Records by object, for who has a token of the client credentials."""

    def __init__(self, objects: dict[str, list[Record]], client_secret: str) -> None:
        self.objects = objects
        self._client_secret = client_secret
        self._access_token = f"session-{client_secret}"
        self._results: list[list[Record]] = []

    def __call__(self, request: Request) -> Answer | None:
        if request.path == _TOKEN_PATH:
            return self._token(request)
        found = _QUERY_PATH.match(request.path)
        if not found:
            return None
        if request.headers.get("authorization") != f"Bearer {self._access_token}":
            return _error("INVALID_SESSION_ID", 401)
        if found[1]:
            if request.parameters:
                return _error("MALFORMED_QUERY", 400)
            return self._batch(int(found[1]), int(found[2]), request)
        return self._query(request)

    def _token(self, request: Request) -> Answer:
        form = request.form
        if (form.get("grant_type"), form.get("client_secret")) != ("client_credentials", self._client_secret):
            return Answer({"error": "invalid_client"}, status=400)
        return Answer({"access_token": self._access_token, "token_type": "Bearer"})

    def _query(self, request: Request) -> Answer:
        asked = _SOQL.match(request.parameters.get("q", ""))
        records = self.objects.get(asked["object"]) if asked else None
        if not asked or records is None:
            return _error("MALFORMED_QUERY", 400)
        fields = asked["fields"].split(", ")
        if any(field not in record for record in records[:1] for field in fields):
            return _error("INVALID_FIELD", 400)
        since = asked["since"].removesuffix("Z")
        new = [record for record in records if record["SystemModstamp"][: len(since)] >= since]
        new.sort(key=lambda record: (record["SystemModstamp"], record["Id"]))
        shown = [
            {"attributes": {"type": asked["object"]}, **{field: record[field] for field in fields}}
            for record in new
        ]
        self._results.append(shown)
        return self._batch(len(self._results) - 1, 0, request)

    def _batch(self, result: int, start: int, request: Request) -> Answer:
        records = self._results[result]
        end = start + _BATCH
        more = end < len(records)
        path = re.sub(r"/queryAll.*", "/queryAll", request.path)
        following = {"nextRecordsUrl": f"{path}/{result}-{end}"} if more else {}
        return Answer(
            {"totalSize": len(records), "done": not more, **following, "records": records[start:end]}
        )


def _error(code: str, status: int) -> Answer:
    return Answer([{"message": "no", "errorCode": code}], status=status)
