"""What is done on the other thread is heard of by who waits for it."""

from __future__ import annotations

import threading

import pytest

from polylsp.engine.beside import Pending, beside


def test_work_is_done_elsewhere_in_the_order_in_which_it_came() -> None:
    done: list[int] = []
    go = threading.Event()
    first = beside(lambda: go.wait(20) and threading.get_ident())
    others = [beside(lambda number=number: done.append(number)) for number in range(50)]  # type: ignore[misc]
    assert not done
    go.set()
    assert first.result() not in (False, threading.get_ident())
    for one in others:
        one.result()
    assert done == list(range(50))


def test_what_it_raises_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    failed, after = beside(fail), beside(lambda: 5)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            failed.result()
    assert after.result() == 5


def test_what_is_known_need_not_be_waited_for() -> None:
    assert Pending.of(7).result() == 7
