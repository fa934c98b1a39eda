"""The most memory that this process has taken."""

import resource
from pathlib import Path


def peak() -> int:
    """Bytes. What getrusage tells on Linux may be of the program that has started this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
