"""Starts the local AWS: ``python -m local_aws --port N --state DIR``."""

from local_aws import environment, options


def main() -> None:
    """Prepare the environment, then import and run the server."""
    chosen = options.parse()
    environment.prepare(chosen)
    from local_aws import server  # only now: MiniStack reads the environment when it is imported

    server.run(chosen)


if __name__ == "__main__":
    main()
