"""Runs a batch's units of work: in this process, in several local processes, or in Spark tasks."""

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
    """Applies a function to items; yields one result per item, in any order."""

    @property
    def shares_memory(self) -> bool:
        """Whether an item may contain data that this process has read, because no network is involved."""

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]: ...


@dataclass(frozen=True)
class InProcess:
    """Runs items one after the other in this process, without any start-up."""

    shares_memory: bool = True

    def __str__(self) -> str:
        return "this process"

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        return map(function, items)


@dataclass(frozen=True)
class Processes:
    """Runs items in `count` local processes; takes an item when a process is free, so few wait in memory."""

    count: int
    shares_memory: bool = True

    def __str__(self) -> str:
        return f"{self.count} processes"

    def map[Item, Result](
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        # A forked process has already imported everything. Outside Linux, fork is not safe with threads.
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
    """Runs one Spark task per item, distributed over Spark's executors."""

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


# Below this size, a second process would take longer to start than it saves.
_ONE_PROCESS_BYTES = 8 << 20


def for_small_batch(size_bytes: int) -> Executor:
    """The executor for a batch of this many bytes of text that does not need Spark."""
    count = processors()
    return InProcess() if size_bytes < _ONE_PROCESS_BYTES or count == 1 else Processes(count)


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
