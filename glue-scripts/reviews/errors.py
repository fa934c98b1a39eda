"""Errors that a person must act on; Glue shows their text for a failed run."""


class JobError(Exception):
    """The job cannot continue; the message says what was found, where, and what to do."""


class ContractError(JobError):
    """A contract under contracts/ has content that the code does not support."""
