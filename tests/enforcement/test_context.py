"""The context of a request: what is recorded is what leaves, whatever other threads do."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from cookiegate import Choice, Gate, TooLateError, Visit, asgi, wsgi
from tests.registries import cookie_header, gate_for

#: A middleware around an application that starts its response, with a recorder.
Answer = Callable[[Gate, Callable[[Visit], None], "Recorder"], list[tuple[bytes, bytes]]]


class Recorder:
    """
    A recorder that keeps choices, and runs something while it commits.

    Args:
        during: What to run.
    """

    def __init__(self, during: Callable[[], None] = lambda: None) -> None:
        self.choices: list[Choice] = []
        self._during = during

    def commit(self, choice: Choice) -> None:
        self.choices.append(choice)
        self._during()


class AsyncRecorder:
    """
    The same for ASGI.

    Args:
        recorder: What it commits to.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def commit(self, choice: Choice) -> None:
        await asyncio.to_thread(self._recorder.commit, choice)


class LateThread:
    """A thread that chooses, and stops in the middle of it until it is let go on."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._is_inside = threading.Event()
        self._goes_on = threading.Event()
        self._thread: threading.Thread | None = None
        self._ids = iter(range(1000))

    def new_id(self) -> str:
        """Return the id of a receipt; in this thread, wait before."""
        if threading.current_thread() is self._thread:
            self._is_inside.set()
            assert self._goes_on.wait(60)
        return f"receipt-{next(self._ids)}"

    def begin(self, visit: Visit, *granted: str) -> None:
        """Begin to choose, and return when the thread has found the visit open."""

        def choose() -> None:
            try:
                visit.choose(granted)
            except TooLateError as error:
                self.error = error

        self._thread = threading.Thread(target=choose)
        self._thread.start()
        assert self._is_inside.wait(60)

    def finish(self) -> None:
        """Let the thread store its choice, and end."""
        self._goes_on.set()
        assert self._thread is not None
        self._thread.join()


def by_wsgi(
    gate: Gate, choose: Callable[[Visit], None], recorder: Recorder
) -> list[tuple[bytes, bytes]]:
    started: list[Any] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        choose(environ["cookiegate.visit"])
        start_response("200 OK", [])
        return [b""]

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        started.extend((name.encode(), value.encode()) for name, value in headers)

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "shop.example"}
    list(wsgi.CookieGateMiddleware(app, gate, recorder=recorder)(environ, start))
    return started


def by_asgi(
    gate: Gate, choose: Callable[[Visit], None], recorder: Recorder
) -> list[tuple[bytes, bytes]]:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        choose(scope["cookiegate"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    middleware = asgi.CookieGateMiddleware(app, gate, recorder=AsyncRecorder(recorder))
    asyncio.run(middleware(scope, receive, send))
    found: list[tuple[bytes, bytes]] = sent[0]["headers"]
    return found


@pytest.fixture(params=[by_wsgi, by_asgi])
def answer(request: pytest.FixtureRequest) -> Answer:
    found: Answer = request.param
    return found


@pytest.fixture
def late() -> Iterator[LateThread]:
    found = LateThread()
    yield found
    found.finish()


def granted_in(gate: Gate, headers: Iterable[tuple[bytes, bytes]]) -> list[set[str]]:
    """Return what each consent cookie of a response grants."""
    issued = [value.decode() for name, value in headers if name == b"set-cookie"]
    return [set(gate.read([cookie_header(one)]).granted) for one in issued]


def test_a_choice_of_another_thread_during_the_commit_takes_no_effect(
    answer: Answer, late: LateThread
) -> None:
    gate = gate_for(new_id=late.new_id)
    recorder = Recorder(during=late.finish)

    def choose(visit: Visit) -> None:
        visit.choose({"analysis"})
        late.begin(visit, "analysis", "marketing")

    headers = answer(gate, choose, recorder)
    assert granted_in(gate, headers) == [{"analysis"}]
    assert [set(one.after.granted) for one in recorder.choices] == [{"analysis"}]
    assert isinstance(late.error, TooLateError)


def test_a_refusal_of_another_thread_during_the_commit_takes_no_effect(
    answer: Answer, late: LateThread
) -> None:
    gate = gate_for(new_id=late.new_id)

    def choose(visit: Visit) -> None:
        visit.choose({"analysis"})
        late.begin(visit)

    recorder = Recorder(during=late.finish)
    assert granted_in(gate, answer(gate, choose, recorder)) == [{"analysis"}]
    assert isinstance(late.error, TooLateError)


def test_a_choice_of_another_thread_stored_after_the_response_has_started_is_too_late(
    answer: Answer, late: LateThread
) -> None:
    gate, recorder = gate_for(new_id=late.new_id), Recorder()
    headers = answer(gate, lambda visit: late.begin(visit, "analysis"), recorder)
    late.finish()
    assert (granted_in(gate, headers), recorder.choices) == ([], [])
    assert isinstance(late.error, TooLateError)


def test_a_choice_stored_before_the_response_starts_is_recorded(
    answer: Answer, late: LateThread
) -> None:
    gate, recorder = gate_for(new_id=late.new_id), Recorder()

    def choose(visit: Visit) -> None:
        late.begin(visit, "analysis")
        late.finish()

    assert granted_in(gate, answer(gate, choose, recorder)) == [{"analysis"}]
    assert [one.receipt for one in recorder.choices] == ["receipt-0"]
    assert late.error is None


def test_another_thread_that_chooses_does_not_undo_the_choice_meanwhile(late: LateThread) -> None:
    visit = gate_for(new_id=late.new_id).visit([])
    visit.choose({"analysis"})
    late.begin(visit, "marketing")
    assert visit.allows("analysis")
    late.finish()
    assert visit.consent.granted == {"marketing"}
    assert visit.choice is not None
    assert not visit.choice.before.granted


def test_a_choice_that_was_taken_back_is_not_committed() -> None:
    recorder = Recorder()
    visit = gate_for().visit([])
    visit.context.recorder = recorder
    visit.choose({"analysis"})
    visit.context.store(None)
    visit.context.commit()
    assert recorder.choices == []
