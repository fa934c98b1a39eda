"""Runs one Glue job's script as __main__: ``python job_main.py SCRIPT [ARGUMENT...]``.

Runs on the interpreter of Glue jobs and knows nothing of MiniStack. Standard input is the lifeline: when it
closes, because the local AWS has ended in whatever way, this process ends with all its children.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path


def main() -> None:
    """Watch the lifeline and run the script; a script that reads standard input finds it empty."""
    lifeline = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    script = sys.argv.pop(1)
    sys.argv[0] = script
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
