"""The local AWS of the one-machine edition: MiniStack with the extensions that the pipeline needs."""
