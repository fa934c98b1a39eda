"""The client that comes with the server: ``python -m local_postgres.psql …``, with psql's own arguments."""

import os
import sys

from local_postgres.cluster import packaged_programs

if __name__ == "__main__":
    program = str(packaged_programs() / "bin" / "psql")
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606 (a program of the package)
