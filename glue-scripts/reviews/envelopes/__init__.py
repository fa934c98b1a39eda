"""What stands around a record (contracts/envelopes.json), taken off before its contract is asked."""
