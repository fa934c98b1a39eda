"""Where a batch's units of work run: in this process, in several of this machine, or in Spark's tasks."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Executor(Protocol):
    """Applies a function to items; the results come in any number, each once."""

    @property
    def shares_memory(self) -> bool:
        """Whether an item may carry what this process has read: it is not sent over a network."""

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]: ...


@dataclass(frozen=True)
class InProcess:
    """One after the other, in this process: nothing has to be started."""

    shares_memory: bool = True

    def __str__(self) -> str:
        return "this process"

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        return map(function, items)


@dataclass(frozen=True)
class Processes:
    """So many processes of this machine; items are taken as processes get free, so few wait in memory."""

    count: int
    shares_memory: bool = True

    def __str__(self) -> str:
        return f"{self.count} processes"

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        # A fork has everything imported already. Elsewhere than on Linux the system's threads do not bear it.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        with ProcessPoolExecutor(self.count, mp_context=context) as pool:
            running: deque[Future[Result]] = deque()
            for item in items:
                running.append(pool.submit(function, item))
                if len(running) > self.count:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()


@dataclass(frozen=True)
class Spark:
    """One task an item, dealt out by Spark over its executors."""

    session: SparkSession
    shares_memory: bool = False

    def __str__(self) -> str:
        return "Spark's tasks"

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        listed = list(items)
        if not listed:
            return iter(())
        tasks = self.session.sparkContext.parallelize(listed, len(listed))
        return iter(tasks.map(function).collect())


# Below that a second process would take longer to start than it saves.
_ONE_PROCESS_BYTES = 8 << 20


def for_small_batch(size_bytes: int) -> Executor:
    """Where a batch of so many bytes of text runs that does not need Spark."""
    count = processors()
    return InProcess() if size_bytes < _ONE_PROCESS_BYTES or count == 1 else Processes(count)


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
