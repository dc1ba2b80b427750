"""Waiters are woken when their commit is done, or after their timeout."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from cookiegate.ledger.recording.waiters import TaskWaiter, ThreadWaiter, Waiter, wake
from cookiegate.ledger.storage.rows import NewReceipt

ITEM = NewReceipt(id="r", time=0, salt=b"s" * 16, body=b"{}")
LONG = 30.0


def over(waiter: Waiter) -> None:
    waiter.is_done = True
    wake([waiter])


def test_a_receipt_is_committed_when_it_is_done_without_an_error() -> None:
    waiter = Waiter(ITEM)
    assert not waiter.is_committed
    over(waiter)
    assert waiter.is_committed
    waiter.error = OSError()
    assert not waiter.is_committed


def test_a_thread_sleeps_until_it_is_woken() -> None:
    waiter = ThreadWaiter(ITEM)
    timer = threading.Timer(0.05, over, (waiter,))
    begun = time.monotonic()
    timer.start()
    waiter.wait(LONG)
    assert waiter.is_committed
    assert 0.05 <= time.monotonic() - begun < LONG
    timer.join()


def test_a_thread_that_was_woken_before_does_not_sleep() -> None:
    waiter = ThreadWaiter(ITEM)
    over(waiter)
    begun = time.monotonic()
    waiter.wait(LONG)
    assert time.monotonic() - begun < LONG


def test_a_thread_times_out_and_can_be_woken_later() -> None:
    waiter = ThreadWaiter(ITEM)
    waiter.wait(0.01)
    assert not waiter.is_done
    over(waiter)
    assert waiter.is_committed


def test_tasks_of_a_loop_are_woken_with_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    async def choose() -> None:
        loop = asyncio.get_running_loop()
        waiters = [TaskWaiter(ITEM) for _ in range(3)]
        call = loop.call_soon_threadsafe

        def noted(callback: Callable[..., None], *args: list[Waiter]) -> asyncio.Handle:
            calls.append(len(args[0]))
            return call(callback, *args)

        monkeypatch.setattr(loop, "call_soon_threadsafe", noted)
        tasks = [asyncio.create_task(one.wait(LONG)) for one in waiters]
        await asyncio.sleep(0)
        thread = threading.Thread(target=wake, args=(waiters,))
        thread.start()
        await asyncio.wait_for(asyncio.gather(*tasks), LONG)
        thread.join()
        monkeypatch.undo()

    asyncio.run(choose())
    assert calls == [3]


def test_a_task_times_out_and_can_be_woken_later() -> None:
    async def choose() -> bool:
        waiter = TaskWaiter(ITEM)
        await waiter.wait(0.01)
        timed_out = not waiter.is_done
        over(waiter)
        await asyncio.sleep(0.01)
        return timed_out

    assert asyncio.run(choose())


def test_waking_a_closed_loop_does_nothing() -> None:
    async def choose() -> TaskWaiter:
        return TaskWaiter(ITEM)

    waiter = asyncio.run(choose())
    over(waiter)
    assert waiter.is_committed
