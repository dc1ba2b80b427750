"""Much at once: long responses, long values, threads and tasks, a registry replaced meanwhile."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cookiegate import Gate, Registry
from cookiegate.asgi import CookieGateMiddleware as AsgiMiddleware
from cookiegate.wsgi import CookieGateMiddleware as WsgiMiddleware
from tests.registries import SHOP, cookie_header, gate_for

Pair = tuple[bytes, bytes]


def values(headers: Iterable[Pair]) -> list[bytes]:
    return [value for name, value in headers if name == b"set-cookie"]


def test_ten_thousand_cookies_of_one_response_are_all_judged() -> None:
    gate = gate_for()
    names = (b"sid", b"_ga", b"who", b"=", b"_gat_1")
    sent = [b"%s=%d; Path=/%d" % (names[n % 5], n, n) for n in range(10_000)]
    left = gate.filter([(b"set-cookie", value) for value in sent], gate.read([]))
    assert values(left) == sent[::5]


def test_long_values_and_long_names_are_judged_like_short_ones() -> None:
    gate = gate_for()
    long = b"v" * 65_536
    sent = [b"sid=" + long, b"_ga=" + long, b"n" * 10_240 + b"=1", b"sid=1; x=" + long]
    sent += [b"_ga=1; Path=/" + long, b";" * 65_536, b"=" * 65_536, b" " * 65_536 + b"sid=1"]
    left = gate.filter([(b"set-cookie", value) for value in sent], gate.read([]))
    assert values(left) == [sent[0], sent[3], sent[7]]


def test_a_cookie_header_full_of_consents_is_read_once() -> None:
    gate = gate_for()
    own = gate.issue(["analysis"]).partition(";")[0].encode()
    heap = b"; ".join([own] * 5000 + [b"__Host-cookiegate"] * 5000)
    assert gate.read([(b"cookie", heap)]).status == "invalid"


class Site:
    """A site that checks each answer: only visitors who granted analysis get its cookie."""

    def __init__(self) -> None:
        self.gate: Gate = gate_for()
        self.granted = cookie_header(self.gate.issue(["analysis"]))
        self.refused = cookie_header(self.gate.issue([]))
        self.headers = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")]

    def expected(self, number: int) -> list[bytes]:
        return [b"sid=1", b"_ga=1"] if number % 2 else [b"sid=1"]

    def request(self, number: int) -> Pair:
        return self.granted if number % 2 else self.refused

    def replace_until(self, stop: threading.Event) -> None:
        text = SHOP.format(policy="", analysis="")
        registries = [Registry.parse(text), Registry.parse(text.replace("730 days", "1 day"))]
        number = 0
        while not stop.is_set():
            number += 1
            self.gate.replace(registries[number % 2])


def test_threads_share_a_gate_whose_registry_is_being_replaced() -> None:
    site = Site()

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Set-Cookie", "sid=1"), ("Set-Cookie", "_ga=1")])
        return []

    middleware = WsgiMiddleware(app, site.gate)

    def visit(number: int) -> None:
        got: list[Any] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            got.extend(value for name, value in headers if name == "Set-Cookie")

        middleware({"HTTP_COOKIE": site.request(number)[1].decode()}, start_response)
        assert [value.encode() for value in got] == site.expected(number)

    stop = threading.Event()
    with ThreadPoolExecutor(9) as pool:
        replacing = pool.submit(site.replace_until, stop)
        try:
            for done in [pool.submit(visit, number) for number in range(4000)]:
                done.result()
        finally:
            stop.set()
        replacing.result()
    assert site.gate.failures == 0


def test_tasks_share_a_gate_whose_registry_is_being_replaced() -> None:
    site = Site()
    text = SHOP.format(policy="", analysis="")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["cookiegate"].allows("analysis") is bool(scope["number"] % 2)
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 200, "headers": site.headers})

    middleware = AsgiMiddleware(app, site.gate)

    async def receive() -> Any: ...

    async def visit(number: int) -> None:
        async def send(message: Any) -> None:
            assert values(message["headers"]) == site.expected(number)

        scope = {"type": "http", "headers": [site.request(number)], "number": number}
        await middleware(scope, receive, send)
        if number % 50 == 0:
            site.gate.replace(Registry.parse(text))

    async def crowd() -> None:
        await asyncio.gather(*(visit(number) for number in range(1000)))

    asyncio.run(crowd())
    assert site.gate.failures == 0
