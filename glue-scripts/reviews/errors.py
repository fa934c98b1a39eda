"""Errors a person has to act on; their text is the last line of a failed job."""


class JobError(Exception):
    """The job cannot go on; the message says what was found, where, and what to do."""


class ContractError(JobError):
    """A contract under contracts/ says something that no code understands."""
