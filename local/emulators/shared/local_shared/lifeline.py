"""Notices that the process that started this one is gone."""

import os
import stat
import threading
import time
from collections.abc import Callable

_PARENT_CHECK_SECONDS = 0.5


def watch(on_parent_gone: Callable[[], None]) -> None:
    """Call back once, from another thread, when the parent process dies or closes our standard input.

    A closed pipe is noticed at once, also through a wrapper that outlives the parent; the change of parent
    covers a parent that gave no pipe.
    """
    notify = _once(on_parent_gone)
    threading.Thread(
        target=_watch_parent, args=(os.getppid(), notify), daemon=True, name="parent-watch"
    ).start()
    if _is_pipe(0):
        threading.Thread(target=_watch_pipe, args=(0, notify), daemon=True, name="stdin-watch").start()


def _once(callback: Callable[[], None]) -> Callable[[], None]:
    lock = threading.Lock()

    def call() -> None:
        if lock.acquire(blocking=False):
            callback()

    return call


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
