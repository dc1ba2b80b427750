"""The forms of single values, and what to write instead."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiegate.registry.errors import InvalidValueError
from cookiegate.registry.values import (
    check_consent_signal,
    check_csp,
    check_id,
    check_language,
    check_name,
    check_path,
    check_source,
    check_url,
    guess_language,
    id_from_name,
    read_domain,
)

Check = Callable[[str], object]


def hint(check: Check, text: str) -> str:
    with pytest.raises(InvalidValueError) as caught:
        check(text)
    return caught.value.hint


@pytest.mark.parametrize("id", ["a", "0", "google_analytics", "a-b", "x" * 64])
def test_ids_are_plain_and_short(id: str) -> None:
    check_id(id)


@pytest.mark.parametrize("id", ["", "A", "_a", "-a", "a b", "å", "x" * 65, "a\n"])
def test_other_ids_are_errors(id: str) -> None:
    assert hint(check_id, id).startswith("use a-z, 0-9, '_' and '-', at most 64 of them")


def test_a_valid_id_is_suggested() -> None:
    assert hint(check_id, "My Id").endswith(", such as my-id")
    assert hint(check_id, "株").endswith("beginning with a letter or digit")


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Billogram", "billogram"),
        ("My Shop & Co.", "my-shop-co"),
        ("snake_case", "snake_case"),
        ("Ärlig", "rlig"),
        ("株式会社", ""),
        ("x" * 63 + " y", "x" * 63),
    ],
)
def test_an_id_is_made_from_a_name(name: str, id: str) -> None:
    assert id_from_name(name) == id


@given(st.text())
def test_an_id_made_from_a_name_is_an_id(name: str) -> None:
    if made := id_from_name(name):
        check_id(made)


@pytest.mark.parametrize("code", ["sv", "en", "fil", "pt-BR", "zh-Hant", "de-CH-1996"])
def test_language_codes_are_those_of_bcp_47(code: str) -> None:
    check_language(code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EN", 'write "en"'),
        ("sv_SE", 'write "sv-SE"'),
        ("English", 'write "en"'),
        ("norsk", 'write "nb"'),
        ("", 'write a code such as "en"'),
        ("klingon", 'write a code such as "en"'),
    ],
)
def test_other_languages_are_errors(text: str, expected: str) -> None:
    assert hint(check_language, text) == expected


def test_a_language_is_guessed_by_its_name() -> None:
    assert guess_language("Svenska") == "sv"
    assert guess_language("elvish") is None


@pytest.mark.parametrize("name", ["_ga", "a b", "prefs[theme]", "é", "a,b", '"a"', "é" * 512])
def test_names_are_what_browsers_store(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "write the name as the Set-Cookie header has it"),
        ("a=b", "write only the part before the '='"),
        ("a;b", "write the name as the Set-Cookie header has it"),
        ("a\tb", "write the name as the Set-Cookie header has it"),
        ("\ta", "write the name as the Set-Cookie header has it"),
        ("a\x7f", "write the name as the Set-Cookie header has it"),
        ("a\x85b", "write the name as the Set-Cookie header has it"),
        ("a\x00", "write the name as the Set-Cookie header has it"),
        (" a", "write 'a'"),
        ("a ", "write 'a'"),
        ("a" * 1025, "use at most 1024 bytes of UTF-8"),
        ("é" * 513, "use at most 1024 bytes of UTF-8"),
    ],
)
def test_other_names_are_errors(name: str, expected: str) -> None:
    assert hint(check_name, name) == expected


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("billogram.com", "billogram.com"),
        (".LinkedIn.com", "linkedin.com"),
        ("localhost", "localhost"),
        ("xn--sknsk-mra.se", "xn--sknsk-mra.se"),
        ("_x.example", "_x.example"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_domains_are_host_names_in_lower_case_without_a_leading_dot(text: str, domain: str) -> None:
    assert read_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://Google.com/x", 'write "google.com"'),
        ("google.com:443", 'write "google.com"'),
        ("google.com/se", 'write "google.com"'),
        ("user@google.com", 'write "google.com"'),
        ("google.com.", 'write "google.com"'),
        (" google.com", 'write "google.com"'),
        ("*.google.com", 'write "google.com": subdomains are included'),
        (
            "skånsk.se",
            "write it in the ASCII form (A-labels) that cookies carry: "
            f'"xn--{"skånsk".encode("punycode").decode()}.se"',
        ),
        ("", 'write a host name such as "example.com", without scheme, port or path'),
        ("a b", 'write a host name such as "example.com", without scheme, port or path'),
        ("å b", 'write a host name such as "example.com", without scheme, port or path'),
        ("a..b", 'write a host name such as "example.com", without scheme, port or path'),
        ("..a.com", 'write "a.com"'),
        ("a." * 127 + "a", 'write a host name such as "example.com", without scheme, port or path'),
        ("x" * 64, 'write a host name such as "example.com", without scheme, port or path'),
    ],
)
def test_other_domains_are_errors(text: str, expected: str) -> None:
    assert hint(read_domain, text) == expected


@given(st.text() | st.from_regex(r"(https?://)?[a-zåß.*@:/-]{0,20}", fullmatch=True))
def test_a_suggested_domain_is_valid(text: str) -> None:
    try:
        read_domain(text)
    except InvalidValueError as error:
        _, _quote, rest = error.hint.partition('"')
        read_domain(rest.partition('"')[0])


@pytest.mark.parametrize(
    "url",
    ["https://x.org", "http://x.org:8080/a?b=c#d", "https://x.org/ä", "https://localhost/a"],
)
def test_links_are_web_addresses(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("www.x.org/a", 'write "https://www.x.org/a"'),
        ("//x.org", 'write "https://x.org"'),
        ("mailto:a@x.org", 'write it in full, such as "https://example.com/privacy"'),
        ("javascript:alert(1)", 'write it in full, such as "https://example.com/privacy"'),
        ("https://x.org/a b", 'write it in full, such as "https://example.com/privacy"'),
        ('https://x.org/"', 'write it in full, such as "https://example.com/privacy"'),
        ("privacy", 'write it in full, such as "https://example.com/privacy"'),
        ("", 'write it in full, such as "https://example.com/privacy"'),
    ],
)
def test_other_links_are_errors(url: str, expected: str) -> None:
    assert hint(check_url, url) == expected


@pytest.mark.parametrize(
    "source",
    ["https://x.org", "https://x.org:8443", "x.org", "*.x.org", "https://*.x.org", "wss://x.org"],
)
def test_sources_are_https_origins_or_hosts(source: str) -> None:
    check_source(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://x.org", 'write "https://x.org"'),
        ("ws://x.org", 'write "wss://x.org"'),
        ("https://x.org/a.js", 'write "https://x.org"'),
        ("x.org/a.js", 'write "https://x.org"'),
        ("'self'", 'write an https origin or a host, such as "https://cdn.example.com"'),
        ("*", 'write an https origin or a host, such as "https://cdn.example.com"'),
        ("data:", 'write an https origin or a host, such as "https://cdn.example.com"'),
        (
            "x.org; script-src *",
            'write an https origin or a host, such as "https://cdn.example.com"',
        ),
        ("", 'write an https origin or a host, such as "https://cdn.example.com"'),
    ],
)
def test_other_sources_are_errors(source: str, expected: str) -> None:
    assert hint(check_source, source) == expected


@pytest.mark.parametrize("path", ["/", "/a", "/a/b%20c", "/" + "x" * 255])
def test_a_valid_cookie_path_stays_unchanged(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize("path", ["", "a", "/a;b", "/a b", "/å", "/\n", "/" + "x" * 256])
def test_other_cookie_paths_are_errors(path: str) -> None:
    expected = 'write a path such as "/shop", with percent escapes as in a URL'
    assert hint(check_path, path) == expected


@pytest.mark.parametrize("policy", ["default-src 'self'", "sandbox", "img-src *; font-src a.b"])
def test_a_valid_policy_stays_unchanged(policy: str) -> None:
    assert check_csp(policy) == policy


@pytest.mark.parametrize("policy", ["", " ", "'", "img-src a;\nfont-src b", "img-src å"])
def test_other_policies_are_errors(policy: str) -> None:
    assert hint(check_csp, policy).startswith("write it on one line, as in ")


@pytest.mark.parametrize("name", ["ad_storage", "security_storage", "c1", "targeting-cookies"])
def test_a_valid_name_of_a_consent_mode_stays_unchanged(name: str) -> None:
    assert check_consent_signal(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("analytic_storage", "write 'analytics_storage'"),
        ("ad-storage", "write 'ad_storage'"),
        ("Ad", "use a-z, 0-9, '_' and '-', such as \"analytics_storage\""),
        ("", "use a-z, 0-9, '_' and '-', such as \"analytics_storage\""),
    ],
)
def test_a_misspelt_name_of_a_consent_mode_is_an_error(name: str, expected: str) -> None:
    assert hint(check_consent_signal, name) == expected
