"""Errors a person has to act on; their text is what Glue shows of a failed run."""


class JobError(Exception):
    """The job cannot go on; the message says what was found, where, and what to do."""


class ContractError(JobError):
    """A contract under contracts/ says something that no code understands."""
