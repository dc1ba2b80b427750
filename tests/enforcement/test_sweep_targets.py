"""Deletion targets: where a request cookie may be, and the deletion for each."""

from typing import Any

import pytest

from cookiegate import Registry
from cookiegate.enforcement.sweep_targets import deletion, deletion_targets

DEEP = [f"/{path}{end}" for path in ("1", "1/2", "1/2/3", "1/2/3/4") for end in ("", "/")]
PLACED = """[site]
name = "S"
languages = ["en"]
[categories.must]
required = true
[categories.more]
[[cookies]]
name = ["a", "__Host-a", "__Secure-a", "__Http-a", "__Host-Http-a"]
category = "more"
domains = ["shop.example", "other.example"]
path = "/in"
"""


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("shop.example", ["shop.example"]),
        ("www.shop.example:8443", ["shop.example", "www.shop.example"]),
        (
            b"a.b.c.d.shop.example",
            ["shop.example"] + [x + "shop.example" for x in ("d.", "c.d.", "b.c.d.")],
        ),
        ("other.example", ["other.example"]),
        ("myshop.example", []),
        ("a\r\nb.shop.example", []),
        ("a; secure.shop.example", []),
        (None, []),
        ("shop.example\r\nx", []),
    ],
)
def test_only_declared_domains_are_targets(host: Any, domains: list[str]) -> None:
    entries = Registry.parse(PLACED).entries
    found = deletion_targets(b"a", entries, host=host, path=b"/", domain=None, secure=False)
    assert found == [
        (None, "/", False),
        *((one, "/", False) for one in domains),
        (None, "/in", False),
        *((one, "/in", False) for one in domains),
    ]


def test_an_address_has_no_domains_whatever_is_declared() -> None:
    for domain in ("127.0.0.1", "0.0.1", "0.1"):
        found = deletion_targets(b"a", [], host="127.0.0.1", path=b"/", domain=domain, secure=False)
        assert found == [(None, "/", False)]


def test_the_domain_that_shares_consent_is_a_target() -> None:
    entries = Registry.parse(PLACED.replace("domains =", "# ")).entries
    host, domain = "x.site.example", "site.example"
    found = deletion_targets(b"a", entries, host=host, path=b"/", domain=domain, secure=False)
    assert [one for one, path, _ in found if path == "/"] == [None, domain, host]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (b"/", []),
        (b"/a", ["/a"]),
        (b"/a/", ["/a", "/a/"]),
        (b"/a/b", ["/a", "/a/", "/a/b"]),
        (b"/1/2/3/4/5", DEEP),
        (b"//a", []),
        (b"/a;b", []),
        (b"/\xe5", []),
        (b"/a\r\nb", []),
        (b"", []),
        (b"/" + b"x" * 255, ["/" + "x" * 255]),
        (b"/" + b"x" * 256, []),
    ],
)
def test_the_parents_of_the_requests_path_are_targets(path: bytes, found: list[str]) -> None:
    every = deletion_targets(b"a", [], host=None, path=path, domain=None, secure=True)
    assert every == [(None, "/", False), (None, "/", True), *((None, p, False) for p in found)]


@pytest.mark.parametrize("name", [b"__Host-a", b"__host-Http-a"])
def test_a_name_with_the_host_prefix_has_one_target(name: bytes) -> None:
    entries = Registry.parse(PLACED).entries
    found = deletion_targets(
        name, entries, host="shop.example", path=b"/a/b", domain=None, secure=True
    )
    assert found == [(None, "/", False), (None, "/", True)]


@pytest.mark.parametrize(
    ("name", "place", "line"),
    [
        (b"a", (None, "/", False), b"a=; Max-Age=0; Path=/"),
        (b"a", ("x.example", "/b", False), b"a=; Max-Age=0; Path=/b; Domain=x.example"),
        (b"__Secure-a", (None, "/", False), b"__Secure-a=; Max-Age=0; Path=/; Secure"),
        (b"__HOST-a", (None, "/", False), b"__HOST-a=; Max-Age=0; Path=/; Secure"),
        (b"__Http-a", (None, "/", False), b"__Http-a=; Max-Age=0; Path=/; Secure; HttpOnly"),
        (
            b"__Host-Http-a",
            (None, "/", True),
            b"__Host-Http-a=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        ),
    ],
)
def test_a_deletion_has_the_attributes_that_its_prefix_demands(
    name: bytes, place: Any, line: bytes
) -> None:
    assert deletion(name, place) == line


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("shop.example", ["shop.example"]),
        ("www.shop.example:8443", ["shop.example", "www.shop.example"]),
        ("a.b.c.d.shop.example", [x + "shop.example" for x in ("", "d.", "c.d.", "b.c.d.")]),
        ("localhost", []),
        ("127.0.0.1", []),
        ("[::1]", []),
        (None, []),
        ("shop.example\r\nx", []),
        ("shöp.example", []),
    ],
)
@pytest.mark.parametrize("name", [b"_ga", b"_ga_ABC123", b"_fbp", b"mp_1_mixpanel"])
def test_a_cookie_known_from_the_widest_domain_is_deleted_there_too(
    name: bytes, host: Any, domains: list[str]
) -> None:
    found = deletion_targets(name, [], host=host, path=b"/a", domain=None, secure=False)
    above = [(one, "/", False) for one in domains]
    assert found == [(None, "/", False), *above, (None, "/a", False)]


@pytest.mark.parametrize("name", [b"_gas", b"my_ga", b"_pk_id.1", b"mp_x", b"sid"])
def test_another_cookie_is_deleted_on_no_undeclared_domain(name: bytes) -> None:
    host = "www.shop.example"
    found = deletion_targets(name, [], host=host, path=b"/", domain=None, secure=False)
    assert found == [(None, "/", False)]
