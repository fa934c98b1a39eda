"""Notices that the process that started this one is gone.

The same as the local AWS does it; the two run in different Python environments and share no package.
"""

import os
import stat
import threading
import time
from collections.abc import Callable

_PARENT_CHECK_SECONDS = 0.5


def watch(on_parent_gone: Callable[[], None]) -> None:
    """Call back, from another thread, when the parent process dies or closes our standard input.

    A closed pipe is noticed at once, also through a wrapper that outlives the parent; the change of parent
    covers a parent that gave no pipe. The callback may come twice.
    """
    _start(_watch_parent, os.getppid(), on_parent_gone)
    if _is_pipe(0):
        _start(_watch_pipe, 0, on_parent_gone)


def _start(target: Callable[[int, Callable[[], None]], None], of: int, notify: Callable[[], None]) -> None:
    threading.Thread(target=target, args=(of, notify), daemon=True, name=target.__name__).start()


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)  # Node makes "pipe" a socket pair


def _watch_pipe(descriptor: int, notify: Callable[[], None]) -> None:
    while True:
        try:
            if not os.read(descriptor, 4096):
                break
        except OSError:
            break
    notify()


def _watch_parent(parent: int, notify: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    notify()
