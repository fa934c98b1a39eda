"""Queries of a state machine: what they may take, whatever else runs on the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.timebox import Timebox
from local_aws.step_functions import query_time

ENDLESS = "($again := function($n) { $again($n + 1) }; $again(0))"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Timebox, "check_runaway", Timebox.check_runaway)
    query_time.install()
    yield


def test_waiting_for_the_processor_ends_no_query(monkeypatch: pytest.MonkeyPatch) -> None:
    query = Jsonata.jsonata("1 + 1", timeout=1000)
    now = time.time()
    # Each look at the clock finds ten seconds gone.
    clock = iter(range(1000))
    monkeypatch.setattr(Timebox, "current_milli_time", lambda: round(now * 1000) + 10_000 * next(clock))
    assert query.evaluate(None) == 2


def test_a_query_that_never_ends_is_ended() -> None:
    query = Jsonata.jsonata(ENDLESS, timeout=200)
    with pytest.raises(JException) as ended:
        query.evaluate(None)
    assert ended.value.error == "D1012"
