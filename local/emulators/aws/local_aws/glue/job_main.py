"""Runs one Glue job's script as __main__: ``python job_main.py ERROR_FILE SCRIPT [ARGUMENT...]``.

As Glue does, it takes the exception that ends the script for the error message of the run; a script that
exits by itself is "SystemExit" and its status, whatever it has printed.

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
    error_file = Path(sys.argv.pop(1))
    script = sys.argv.pop(1)
    sys.argv[0] = script
    sys.path[0] = str(Path(script).parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException as error:
        if not (isinstance(error, SystemExit) and error.code in (None, 0)):
            error_file.write_text(f"{type(error).__name__}: {error}")
        raise


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 4096):
        pass
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    main()
