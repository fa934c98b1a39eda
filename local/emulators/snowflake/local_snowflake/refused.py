"""Statements that the local Snowflake refuses, because they would only seem to work.

fakesnow takes some of them for something else (a dynamic table for a table, COPY INTO of nothing for
success), and answers others with an error that does not say why.
"""

from local_snowflake import errors
from local_snowflake.statements import Answer, Call, Handler, Handlers

_STATEMENTS = {
    "COPY": "COPY INTO",
    "PUT": "PUT",
    "GET": "GET",
    "LIST": "LIST of a stage",
    "LS": "LIST of a stage",
    "REMOVE": "REMOVE",
    "RM": "REMOVE",
    "CALL": "stored procedures",
    "EXECUTE": "EXECUTE",
    "UNDROP": "UNDROP",
    "EXPLAIN": "EXPLAIN",
    "CREATE TRANSIENT DYNAMIC TABLE": "DYNAMIC TABLE",
    "CREATE SECURE VIEW": "SECURE VIEW: no privilege is enforced",
}
_KINDS = (
    "ALERT",
    "API INTEGRATION",
    "APPLICATION",
    "AGGREGATION POLICY",
    "CATALOG INTEGRATION",
    "DATABASE ROLE",
    "DYNAMIC TABLE",
    "EVENT TABLE",
    "EXTERNAL FUNCTION",
    "EXTERNAL VOLUME",
    "FAILOVER GROUP",
    "FUNCTION",
    "HYBRID TABLE",
    "ICEBERG TABLE",
    "MATERIALIZED VIEW",
    "NETWORK POLICY",
    "NETWORK RULE",
    "NOTIFICATION INTEGRATION",
    "PASSWORD POLICY",
    "PIPE",
    "PROCEDURE",
    "PROJECTION POLICY",
    "REPLICATION GROUP",
    "RESOURCE MONITOR",
    "ROW ACCESS POLICY",
    "SECRET",
    "SECURITY INTEGRATION",
    "SESSION POLICY",
    "SHARE",
    "STREAM",
    "STREAMLIT",
    "TASK",
)


# What fakesnow does as Snowflake does; it would hand anything else to DuckDB, which has statements of its
# own.
_LEFT_TO_FAKESNOW: dict[str, tuple[str, ...]] = {
    "SELECT": (),
    "WITH": (),
    "INSERT": (),
    "UPDATE": (),
    "DELETE": (),
    "MERGE": (),
    "TRUNCATE": (),
    "BEGIN": (),
    "START": ("TRANSACTION",),
    "COMMIT": (),
    "ROLLBACK": (),
    "SET": (),
    "UNSET": (),
    "COMMENT": ("ON", "IF"),
    "CREATE": ("TABLE", "VIEW", "SEQUENCE", "TRANSIENT TABLE"),
    "ALTER": ("TABLE", "VIEW"),
    "DROP": ("TABLE", "VIEW", "SEQUENCE"),
    "SHOW": ("COLUMNS", "PARAMETERS", "SEQUENCES", "PRIMARY KEYS", "UNIQUE KEYS", "IMPORTED KEYS"),
    "DESC": ("SELECT", "WITH"),
    "USE": (),
}


def handlers() -> Handlers:
    """Handlers by verb and noun, and by verbs alone for the nouns that no extension answers for."""
    found: Handlers = {key: _refusing(what) for key, what in _STATEMENTS.items()}
    for verb in ("CREATE", "ALTER"):
        found |= {f"{verb} {kind}": _refusing(kind) for kind in _KINDS}
    found |= {verb: _leaving(verb, nouns) for verb, nouns in _LEFT_TO_FAKESNOW.items()}
    return found


def unknown(verb: str) -> None:
    """Refuse a statement that begins with none of the verbs that an extension or fakesnow answers."""
    raise errors.syntax(f"unexpected '{verb}', or a statement that the local Snowflake does not have")


def _refusing(what: str) -> Handler:
    def refuse(_: Call) -> Answer:
        raise errors.unsupported(what)

    return refuse


def _leaving(verb: str, nouns: tuple[str, ...]) -> Handler:
    def leave(call: Call) -> None:
        if nouns and not any(call.reader.accept(*noun.split()) for noun in nouns):
            raise errors.unsupported(f"{verb} {call.reader.rest()[:60]}")

    return leave
