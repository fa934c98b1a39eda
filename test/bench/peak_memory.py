"""Peak memory of a process and all it has started, itself left out: ``python peak_memory.py PID``.

Looks every half second until its standard input closes, then prints the peak in bytes. Pages that processes
share count once.
"""

import select
import sys

import psutil

_SAMPLE_SECONDS = 0.5


def main() -> None:
    """Watch until standard input closes."""
    root, peak = psutil.Process(int(sys.argv[1])), 0
    while not select.select([sys.stdin], [], [], _SAMPLE_SECONDS)[0]:
        peak = max(peak, sum(_bytes(process) for process in (root, *_below(root))))
    print(peak)


def _below(root: psutil.Process) -> list[psutil.Process]:
    this = psutil.Process()
    return [process for process in root.children(recursive=True) if process != this]


def _bytes(process: psutil.Process) -> int:
    try:
        used = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    # The share of shared pages is known on Linux only; elsewhere they are left out.
    return int(getattr(used, "pss", used.uss))


if __name__ == "__main__":
    main()
