"""Who waits for a commit is woken once it is over, or after their time."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from cookiegate.ledger.recording.waiters import TaskWaiter, ThreadWaiter, Waiter, wake
from cookiegate.ledger.storage.store import NewReceipt

ITEM = NewReceipt(id="r", time=0, salt=b"s" * 16, body=b"{}")
LONG = 30.0


def over(waiting: Waiter) -> None:
    waiting.is_done = True
    wake([waiting])


def test_a_receipt_is_committed_when_it_is_done_without_an_error() -> None:
    waiting = Waiter(ITEM)
    assert not waiting.is_committed
    over(waiting)
    assert waiting.is_committed
    waiting.error = OSError()
    assert not waiting.is_committed


def test_a_thread_sleeps_until_it_is_woken() -> None:
    waiting = ThreadWaiter(ITEM)
    timer = threading.Timer(0.05, over, (waiting,))
    begun = time.monotonic()
    timer.start()
    waiting.wait(LONG)
    assert waiting.is_committed
    assert 0.05 <= time.monotonic() - begun < LONG
    timer.join()


def test_a_thread_that_was_woken_before_does_not_sleep() -> None:
    waiting = ThreadWaiter(ITEM)
    over(waiting)
    begun = time.monotonic()
    waiting.wait(LONG)
    assert time.monotonic() - begun < LONG


def test_a_thread_times_out_and_can_be_woken_later() -> None:
    waiting = ThreadWaiter(ITEM)
    waiting.wait(0.01)
    assert not waiting.is_done
    over(waiting)
    assert waiting.is_committed


def test_tasks_of_a_loop_are_woken_with_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    async def choose() -> None:
        loop = asyncio.get_running_loop()
        waiting = [TaskWaiter(ITEM) for _ in range(3)]
        tell = loop.call_soon_threadsafe

        def noted(callback: Callable[..., None], *args: list[Waiter]) -> asyncio.Handle:
            calls.append(len(args[0]))
            return tell(callback, *args)

        monkeypatch.setattr(loop, "call_soon_threadsafe", noted)
        tasks = [asyncio.create_task(one.wait(LONG)) for one in waiting]
        await asyncio.sleep(0)
        thread = threading.Thread(target=wake, args=(waiting,))
        thread.start()
        await asyncio.wait_for(asyncio.gather(*tasks), LONG)
        thread.join()
        monkeypatch.undo()

    asyncio.run(choose())
    assert calls == [3]


def test_a_task_times_out_and_can_be_woken_later() -> None:
    async def choose() -> bool:
        waiting = TaskWaiter(ITEM)
        await waiting.wait(0.01)
        given_up = not waiting.is_done
        over(waiting)
        await asyncio.sleep(0.01)
        return given_up

    assert asyncio.run(choose())


def test_waking_a_closed_loop_does_nothing() -> None:
    async def choose() -> TaskWaiter:
        return TaskWaiter(ITEM)

    waiting = asyncio.run(choose())
    over(waiting)
    assert waiting.is_committed
