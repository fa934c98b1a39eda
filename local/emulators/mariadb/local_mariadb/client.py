"""The client that comes with the server: ``python -m local_mariadb.client JARS …``, with its arguments."""

import os
import sys
from pathlib import Path

from local_mariadb.programs import CLIENT, unpacked

if __name__ == "__main__":
    program = str(unpacked(Path(sys.argv[1]).resolve()) / CLIENT)
    os.execv(program, [program, "--no-defaults", *sys.argv[2:]])  # noqa: S606 (a program of the package)
