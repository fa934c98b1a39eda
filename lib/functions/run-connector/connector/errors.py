"""Why a run ended early. The state machine tells them apart by their names."""


class ConnectorError(Exception):
    """Something that a person must change: a login, a certificate, the contract, the source."""


class SourceUnavailableError(Exception):
    """Something that may be over soon: the source is busy, failing or out of reach."""


class OvertakenError(Exception):
    """Another run of the connector is at work, and goes on with what this one has stored."""
