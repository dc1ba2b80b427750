"""The requests of the benchmark: those of many visitors, no two alike."""

import pytest

from benchmarks.servers.traffic import KINDS, VISITORS, fill, lua_script, templates
from benchmarks.subjects import GRANTED, KEY, registry
from cookiegate import Gate


def headers_of(request: bytes) -> list[tuple[bytes, bytes]]:
    lines = request.removesuffix(b"\r\n\r\n").split(b"\r\n")[1:]
    return [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cookies", [6, 30])
def test_each_request_has_so_many_cookies_and_a_valid_consent(kind: str, cookies: int) -> None:
    gate = Gate(registry(), KEY)
    requests = templates(kind, cookies)
    assert len(requests) == VISITORS
    for number, template in enumerate(requests):
        headers = headers_of(fill(template, number))
        (sent,) = [value for name, value in headers if name == b"cookie"]
        names = [crumb.partition(b"=")[0] for crumb in sent.split(b"; ")]
        assert len(set(names)) == len(names) == cookies
        consent = gate.read(headers)
        assert consent.status == "given"
        assert consent.granted == set(GRANTED)


def test_two_requests_of_one_visitor_differ_and_have_the_same_length() -> None:
    (template, *_) = templates("page", 6)
    one, other = fill(template, 1), fill(template, 9_999_999)
    assert one != other
    assert len(one) == len(other)


def test_visitors_have_consents_of_their_own() -> None:
    gate = Gate(registry(), KEY)
    consents = set()
    for template in templates("page", 6):
        (sent,) = [value for name, value in headers_of(fill(template, 1)) if name == b"cookie"]
        consents |= {
            crumb for crumb in sent.split(b"; ") if crumb.startswith(gate.cookie_name.encode())
        }
    assert len(consents) == VISITORS


def test_the_script_for_wrk_has_the_pieces_between_the_numbers() -> None:
    script = lua_script(['GET / HTTP/1.1\r\na: {n}; "b"={n}\r\n\r\n'])
    assert '{"GET / HTTP/1.1\\r\\na: ", "; \\"b\\"=", "\\r\\n\\r\\n"}' in script
