"""Visitors who choose over real HTTP, and note the responses."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal
from urllib.parse import urlencode

import msgspec

from tests.ledger.faults.serving import HOST, Site
from tests.ledger.faults.site import PROCESS, gate_of
from tests.ledger.faults.waits import SECONDS, await_that

__all__ = ["Crowd", "Noted", "crowd"]

_SENT: Final = {"sec-fetch-site": "same-origin"}
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
# How many current choices a visitor's thread keeps, to change or withdraw later.
_MOST_HELD: Final = 40
#: How long a visitor waits after a refused choice.
AGAIN_SECONDS: Final = 0.05
_DONE: Final = (200, 303)
_ALL: Final = frozenset(("analysis", "comfort", "functional", "marketing"))

#: What a visitor does: grants for the first time; allows more, less, or other categories;
#: withdraws everything; refuses without an earlier grant.
Act = Literal["grant", "widen", "narrow", "swap", "withdraw", "refuse"]
_ALONE: Final[tuple[Act, ...]] = ("grant", "refuse")
_ALLOW_MORE: Final[tuple[Act, ...]] = ("grant", "widen", "swap")
_WEIGHTS: Final[dict[Act, int]] = {
    "grant": 8,
    "widen": 2,
    "narrow": 2,
    "swap": 1,
    "withdraw": 5,
    "refuse": 2,
}


class Noted(msgspec.Struct, kw_only=True):
    """Acknowledged and refused choices."""

    #: Ids of grants and changes, from the consent cookie.
    granted: set[str] = msgspec.field(default_factory=set)
    #: Ids of withdrawn receipts, from the consent cookie before.
    withdrawn: set[str] = msgspec.field(default_factory=set)
    #: Refusals without an earlier grant, which have no id.
    refusals: int = 0
    #: Such refusals without a response, which may have been kept.
    refusals_in_doubt: int = 0
    #: Requests without a response.
    unanswered: int = 0
    #: Seconds of the slowest response to a withdrawal or refusal.
    slowest: float = 0.0
    #: Acts and the status of their responses.
    answers: Counter[tuple[Act, int]] = msgspec.field(default_factory=Counter)
    #: Wrong responses.
    problems: list[str] = msgspec.field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Return how many receipts have to be in the ledger."""
        return len(self.granted) + len(self.withdrawn) + self.refusals

    @property
    def not_kept(self) -> int:
        """Return how many choices were answered with status 503."""
        return sum(count for (_, status), count in self.answers.items() if status == 503)


class _Held(msgspec.Struct, frozen=True):
    cookie: str
    receipt: str
    granted: frozenset[str]


class Crowd:
    """
    Visitors at work.

    Args:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.noted = Noted()
        self.is_done = threading.Event()
        #: While it is set, visitors keep their grants for later.
        self.is_saving = threading.Event()
        self._changed = threading.Condition()
        self._last = 0
        self._gate = gate_of()

    def await_more(self, count: int, *, but_by: frozenset[int] = frozenset()) -> int:
        """
        Wait for more acknowledged choices; return the process that answered the last one.

        Args:
            count: How many.
            but_by: Ended processes, whose responses may still arrive.
        """
        with self._changed:
            goal = self.noted.acknowledged + count
            if not self._changed.wait_for(
                lambda: self.noted.acknowledged >= goal and self._last not in but_by, SECONDS
            ):
                raise TimeoutError(f"{count} choices were not acknowledged; {self.site.log}")
            return self._last

    def await_done(self, *acts: Act, count: int = 3) -> None:
        """Wait until each of these acts has succeeded so many more times."""
        self._await(acts, _DONE, count)

    def await_not_kept(self, *acts: Act, count: int = 3) -> None:
        """Wait until each of these acts has got status 503 so many more times."""
        self._await(acts, (503,), count)

    def _await(self, acts: Sequence[Act], statuses: Sequence[int], count: int) -> None:
        answers = self.noted.answers
        goals = {act: count + sum(answers[act, one] for one in statuses) for act in acts}
        try:
            await_that(
                lambda: all(sum(answers[a, s] for s in statuses) >= goals[a] for a in acts),
                f"{acts} are answered by {statuses}",
            )
        except TimeoutError as error:
            error.add_note(f"{answers}; {self.site.log}")
            raise

    def visit(self, seed: str) -> None:
        """Choose until the context ends."""
        rng = random.Random(seed)
        held: list[_Held] = []
        connection = http.client.HTTPConnection(HOST, self.site.port, timeout=SECONDS)
        while not self.is_done.is_set():
            acts = tuple(_WEIGHTS) if held and not self.is_saving.is_set() else _ALONE
            (act,) = rng.choices(acts, [_WEIGHTS[one] for one in acts])
            before = None
            if act not in _ALONE:
                before = _taken(held, rng, but_one=act == "narrow")
            elif len(held) > _MOST_HELD:
                held.pop(0)
            act, wanted = _wanted(act, before, rng)
            try:
                after, is_refused = self._choose(
                    connection, act, before, wanted, as_form=rng.random() < 0.5
                )
            except (OSError, http.client.HTTPException):
                # The process was killed. The choice may have been kept.
                connection.close()
                with self._changed:
                    self.noted.unanswered += 1
                    self.noted.refusals_in_doubt += act == "refuse"
                continue
            if after is not None and after.granted:
                held.append(after)
            if is_refused:
                # As the page asks for; otherwise all grants would soon be withdrawn.
                self.is_done.wait(AGAIN_SECONDS)
        connection.close()

    def _choose(
        self,
        connection: http.client.HTTPConnection,
        act: Act,
        before: _Held | None,
        wanted: frozenset[str],
        *,
        as_form: bool,
    ) -> tuple[_Held | None, bool]:
        headers = dict(_SENT)
        began = time.monotonic()
        if before is not None:
            headers["cookie"] = f"{self._gate.cookie_name}={before.cookie}"
        if as_form:
            answer = "these" if wanted else "withdraw" if before is not None else "none"
            fields = [("answer", answer), *(("category", one) for one in sorted(wanted))]
            headers["content-type"] = _FORM
            connection.request("POST", "/cookies", urlencode(fields), headers)
        else:
            headers["content-type"] = _JSON
            body = msgspec.json.encode({"granted": sorted(wanted)})
            connection.request("PUT", "/cookies/api", body, headers)
        response = connection.getresponse()
        text = response.read()
        cookie = self._cookie_of(response)
        with self._changed:
            self.noted.answers[act, response.status] += 1
            if act not in _ALLOW_MORE:
                self.noted.slowest = max(self.noted.slowest, time.monotonic() - began)
            problem = self._note(act, before, wanted, response, text, cookie)
            if problem:
                self.noted.problems.append(f"{act}: {response.status} {cookie}: {problem}")
            self._last = int(response.headers[PROCESS] or 0)
            self._changed.notify_all()
        if response.status == 503:
            # A refused addition leaves the earlier choice; a refused exchange leaves nothing.
            return (before if act == "widen" else None), True
        return cookie, False

    def _note(
        self,
        act: Act,
        before: _Held | None,
        wanted: frozenset[str],
        response: http.client.HTTPResponse,
        text: bytes,
        cookie: _Held | None,
    ) -> str | None:
        taken_back = before is not None and cookie is not None and not cookie.granted
        if response.status == 503:
            if act not in _ALLOW_MORE:
                return "it allows nothing more"
            if b"saved just now" not in text or not response.headers["retry-after"]:
                return "the page does not say so"
            if act != "swap":
                return None if cookie is None else "the cookie was set all the same"
            if not taken_back or before is None:
                return "what was taken back is not off"
            self.noted.withdrawn.add(before.receipt)
            return None
        if response.status not in (200, 303):
            return text[:200].decode("utf-8", "replace")
        if cookie is None or cookie.granted != wanted:
            return "the cookie says something else"
        if wanted:
            self.noted.granted.add(cookie.receipt)
        elif before is not None:
            self.noted.withdrawn.add(before.receipt)
        else:
            self.noted.refusals += 1
        return None

    def _cookie_of(self, response: http.client.HTTPResponse) -> _Held | None:
        start = f"{self._gate.cookie_name}="
        for line in response.headers.get_all("set-cookie", []):
            value = line.partition(";")[0].removeprefix(start)
            if line.startswith(start) and value:
                consent = self._gate.read([(b"cookie", f"{start}{value}".encode())])
                assert consent.status == "given"
                return _Held(value, consent.receipt or "", consent.granted)
        return None


def _taken(held: list[_Held], rng: random.Random, *, but_one: bool) -> _Held:
    # Only a grant of several categories can be withdrawn in part.
    several = [number for number, one in enumerate(held) if len(one.granted) > 1]
    return held.pop(rng.choice(several if but_one and several else range(len(held))))


def _wanted(act: Act, before: _Held | None, rng: random.Random) -> tuple[Act, frozenset[str]]:
    held = frozenset() if before is None else before.granted
    missing = _ALL - held
    if act == "grant":
        return act, frozenset(rng.sample(sorted(_ALL), rng.randint(1, 3)))
    if act == "widen" and missing:
        return act, _ALL
    if act == "swap" and missing:
        return act, frozenset((min(missing),))
    if act in ("widen", "swap", "narrow") and len(held) > 1:
        return "narrow", frozenset(sorted(held)[1:])
    return ("refuse" if before is None else "withdraw"), frozenset()


@contextmanager
def crowd(site: Site, seed: int, *, size: int = 4) -> Iterator[Crowd]:
    """
    Run visitors inside of the context; at the end, assert that all responses were right.

    Args:
        site: The site.
        seed: The seed of their random choices.
        size: The number of visitors.
    """
    made = Crowd(site)
    threads = [
        threading.Thread(target=made.visit, args=(f"{seed} {number}",)) for number in range(size)
    ]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.is_done.set()
        for thread in threads:
            thread.join()
    assert not made.noted.problems, made.noted.problems[:5]
