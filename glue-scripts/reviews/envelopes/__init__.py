"""Removes the envelope around a record (contracts/envelopes.json), before its contract is applied."""
