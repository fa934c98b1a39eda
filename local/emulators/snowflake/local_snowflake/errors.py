"""Errors as Snowflake words and numbers them.

Drivers decide by the code whether to retry; codes and SQLSTATEs are those that Snowflake answers with.
"""

from typing import Any

from snowflake.connector.errors import ProgrammingError

SUPPORTED = "see local/emulators/snowflake/README.md for what the local Snowflake can do"


def _error(message: str, code: int, sqlstate: str) -> ProgrammingError:
    return ProgrammingError(msg=message, errno=code, sqlstate=sqlstate)


def does_not_exist(kind: str, name: str) -> ProgrammingError:
    """An object that a statement names is not there (002003, 02000)."""
    return _error(f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.", 2003, "02000")


def already_exists(name: str) -> ProgrammingError:
    """An object is created for the second time (002002, 42710)."""
    return _error(f"SQL compilation error:\nObject '{name}' already exists.", 2002, "42710")


def permanent_clone_of_transient() -> ProgrammingError:
    """A clone that would outlast what it is a clone of (002120, 0A000)."""
    message = "SQL compilation error:\nTransient object cannot be cloned to a permanent object."
    return _error(message, 2120, "0A000")


def no_current(kind: str) -> ProgrammingError:
    """A name that is not qualified, in a session without a current database or schema (090105 or 090106,
    22000)."""
    code = 90105 if kind == "database" else 90106
    message = (
        f"This session does not have a current {kind}. Call 'USE {kind.upper()}', or use a qualified name."
    )
    return _error(message, code, "22000")


def syntax(detail: str) -> ProgrammingError:
    """A statement that cannot be read (001003, 42000)."""
    return _error(f"SQL compilation error:\nsyntax error: {detail}", 1003, "42000")


def invalid_option(option: str, value: Any, expected: str) -> ProgrammingError:
    """A property with a value that it cannot have (001008, 22023)."""
    message = f"SQL compilation error:\ninvalid value [{value}] for parameter '{option}': {expected}"
    return _error(message, 1008, "22023")


def missing_property(name: str) -> ProgrammingError:
    """A statement without a property that it must have (002016, 42601)."""
    return _error(f"SQL compilation error:\nMissing option(s): [{name}]", 2016, "42601")


def invalid_property(name: str) -> ProgrammingError:
    """A property that such an object does not have, or that the local Snowflake does not know (001420,
    42601)."""
    return _error(f"SQL compilation error:\ninvalid property '{name}'; {SUPPORTED}", 1420, "42601")


def location_not_allowed(location: str, integration: str) -> ProgrammingError:
    """A stage outside of the locations of its integration (003167, 42601)."""
    return _error(f"Location '{location}' is not allowed by integration {integration}.", 3167, "42601")


def file_not_registered(file: str, reason: str) -> ProgrammingError:
    """A file that an external table cannot have (100132, 22000)."""
    return _error(f"Error registering file '{file}': {reason}", 100132, "22000")


def not_authorized(what: str) -> ProgrammingError:
    """Something that the session may not do (003001, 42501)."""
    return _error(f"Insufficient privileges to {what}.", 3001, "42501")


def insufficient_privileges(kind: str, name: str) -> ProgrammingError:
    """Something that the role may see and not do this to (003001, 42501)."""
    return _error(
        f"SQL access control error:\nInsufficient privileges to operate on {kind.lower()} '{name}'.",
        3001,
        "42501",
    )


def invalid_identifier(name: str) -> ProgrammingError:
    """A column that is not there (000904, 42000)."""
    return _error(f"SQL compilation error:\ninvalid identifier '{name}'", 904, "42000")


def not_in_edition(feature: str) -> ProgrammingError:
    """A feature of the Enterprise edition, in an account of the Standard edition (000002, 0A000)."""
    return _error(f"Unsupported feature '{feature}'.", 2, "0A000")


def policy_in_use(name: str) -> ProgrammingError:
    """A policy that is dropped or replaced while something carries it (003540, 42601)."""
    message = f"Policy {name} cannot be dropped/replaced as it is associated with one or more entities."
    return _error(message, 3540, "42601")


def integration_disabled(name: str) -> ProgrammingError:
    """A stage of an integration with ENABLED = FALSE (003166, 42601)."""
    return _error(f"Integration {name} is not enabled.", 3166, "42601")


def integration_replaced(stage: str, name: str) -> ProgrammingError:
    """A stage whose integration was replaced since the stage was given it (003165, 42601)."""
    message = (
        f"Stage {stage} refers to an integration {name} that was replaced; "
        f"run ALTER STAGE {stage} SET STORAGE_INTEGRATION = {name}."
    )
    return _error(message, 3165, "42601")


def duplicate_row_in_merge() -> ProgrammingError:
    """A row of MERGE's target that matches several of its source (100090, 42P18)."""
    return _error("Duplicate row detected during DML action", 100090, "42P18")


def division_by_zero() -> ProgrammingError:
    """A division by zero (100051, 22012)."""
    return _error("Division by zero", 100051, "22012")


def null_in_column() -> ProgrammingError:
    """A NULL for a column that is NOT NULL (100072, 22000)."""
    return _error("NULL result in a non-nullable column", 100072, "22000")


def unsupported(what: str) -> ProgrammingError:
    """Something that Snowflake can do and this server cannot (000002, 0A000)."""
    return _error(f"Unsupported feature '{what}' in the local Snowflake; {SUPPORTED}.", 2, "0A000")


def internal(error: BaseException) -> ProgrammingError:
    """Anything else; with a code of its own, since drivers repeat a request answered by HTTP 500 for
    minutes."""
    return _error(f"SQL execution internal error: {type(error).__name__}: {error}", 603, "XX000")
