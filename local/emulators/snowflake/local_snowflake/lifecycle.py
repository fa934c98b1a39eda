"""What CREATE, DROP and USE of every kind of object have in common."""

from collections.abc import Callable

from local_snowflake import errors
from local_snowflake.statements import Answer, Call, status
from local_snowflake.store import Name, Store


def kept(call: Call, there: bool, if_not_exists: bool, name: Name) -> Answer | None:
    """The answer of a CREATE that leaves what is there; None if there is something to create.

    Raises 002002 if the object is there and the statement has neither OR REPLACE nor IF NOT EXISTS.
    """
    if not there or call.replace:
        return None
    if if_not_exists:
        return status(f"{name[-1]} already exists, statement succeeded.")
    raise errors.already_exists(".".join(name))


def dropped(there: bool, if_exists: bool, kind: str, name: Name) -> Answer:
    """The answer of a DROP. Raises 002003 if there was nothing and the statement has no IF EXISTS."""
    if there:
        return status(f"{name[-1]} successfully dropped.")
    if if_exists:
        return status(f"Drop statement executed successfully ({name[-1]} already dropped).")
    raise errors.does_not_exist(kind, ".".join(name))


def drop_stored(call: Call, store: Store, kind: str, label: str, name: Name, if_exists: bool) -> Answer:
    """Answer the DROP of an object that is a document of the store, at the end of the statement."""
    call.reader.end()
    return dropped(store.delete(kind, name), if_exists, label, name)


def drop_named(call: Call, store: Store, kind: str, forget: Callable[[str], None]) -> Answer:
    """Answer the DROP of an object of the account, and have the grants on it or to it forgotten."""
    if_exists = call.if_exists()
    name = call.reader.identifier()
    call.reader.end()
    there = store.delete(kind, (name,))
    if there:
        forget(name)
    return dropped(there, if_exists, kind.capitalize(), (name,))


def used(call: Call, kind: str, exists: Callable[[str], bool]) -> str:
    """The name in a USE statement. Raises 002003 if no object of the account has it."""
    name = call.reader.identifier()
    call.reader.end()
    if not exists(name):
        raise errors.does_not_exist(kind.capitalize(), name)
    return name
