"""Morsels that remember what they write."""

import copy
import pickle
from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest

from cookiegate.django.cookies import ExactMorsel, WrittenMorsel, write

TEXT = "language=sv; Max-Age=60; Path=/; Secure"


@pytest.fixture
def jar() -> SimpleCookie:
    return SimpleCookie(TEXT)


def test_the_text_of_each_cookie_is_returned(jar: SimpleCookie) -> None:
    jar["theme"] = "dark"
    assert write(jar) == [TEXT, "theme=dark"]


def test_python_writes_a_morsel_once(jar: SimpleCookie, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    original = Morsel.OutputString

    def output_string(morsel: Morsel[str], attrs: Any = None) -> str:
        written.append(morsel)
        return original(morsel, attrs)

    monkeypatch.setattr(Morsel, "OutputString", output_string)
    write(jar)
    assert write(jar) == [TEXT]
    assert jar["language"].output(header="") == f" {TEXT}"
    assert written == [jar["language"]]


CHANGES: dict[str, Callable[[Morsel[str]], object]] = {
    "an attribute": lambda morsel: morsel.update({"samesite": "Lax"}),
    "no attribute": lambda morsel: morsel.pop("path"),
    "the value": lambda morsel: morsel.set("language", "fi", "fi"),
    "the name": lambda morsel: morsel.set("other", "sv", "sv"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_morsel_that_is_changed_writes_the_change(
    jar: SimpleCookie, change: Callable[[Morsel[str]], object]
) -> None:
    plain = SimpleCookie(TEXT)
    write(jar)
    change(jar["language"])
    change(plain["language"])
    assert jar["language"].OutputString() == plain["language"].OutputString() != TEXT
    assert write(jar) == [plain["language"].OutputString()]


def test_only_the_attributes_that_are_asked_for_are_written(jar: SimpleCookie) -> None:
    write(jar)
    assert jar["language"].OutputString({"path": "Path"}) == "language=sv; Path=/"


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        Morsel.copy,
        lambda morsel: pickle.loads(pickle.dumps(morsel)),
        lambda morsel: pickle.loads(pickle.dumps(morsel, 0)),
    ],
)
def test_a_copy_writes_the_same_until_it_is_changed(
    jar: SimpleCookie, duplicate: Callable[[Morsel[str]], Morsel[str]]
) -> None:
    write(jar)
    made = duplicate(jar["language"])
    assert made == jar["language"]
    assert made.OutputString() == TEXT
    made["path"] = "/shop"
    assert "Path=/shop" in made.OutputString()
    assert jar["language"].OutputString() == TEXT


def test_a_morsel_of_another_class_keeps_it() -> None:
    class Own(Morsel[str]):
        pass

    own = Own()
    own.set("language", "sv", "sv")
    jar: SimpleCookie = SimpleCookie()
    dict.__setitem__(jar, "language", own)
    dict.__setitem__(jar, "theme", ExactMorsel("theme=dark"))
    assert write(jar) == ["language=sv", "theme=dark"]
    assert [type(morsel) for morsel in jar.values()] == [Own, ExactMorsel]
    assert not isinstance(own, WrittenMorsel)
