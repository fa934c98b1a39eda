"""What an edition of Snowflake has ("Snowflake Editions", Snowflake user guide)."""

from collections.abc import Callable

from local_snowflake import errors
from local_snowflake.statements import Answer, Call, Handler

EDITIONS = ("standard", "enterprise")


def gate(edition: str) -> Callable[[str, Handler], Handler]:
    """Lets a handler answer in the Enterprise edition, and has it refused in the Standard edition."""

    def gated(feature: str, handler: Handler) -> Handler:
        def answer(call: Call) -> Answer | None:
            if edition == "standard":
                raise errors.not_in_edition(feature)
            return handler(call)

        return answer

    return gated
