"""DNT and Sec-GPC, and which of them hold."""

import pytest

from cookiegate.http.signals import Signal, in_force, is_on, strongest


@pytest.mark.parametrize(("value", "on"), [(b"1", True), (b" 1 ", True), (b"0, 1", True)])
def test_the_value_1_is_on(value: bytes, on: bool) -> None:
    assert is_on(value) is on


@pytest.mark.parametrize("value", [b"", b"0", b"null", b"true", b"11", b"1.0", b'"1"', b"?1"])
def test_every_other_value_is_off(value: bytes) -> None:
    assert not is_on(value)


@pytest.mark.parametrize(
    ("policy", "chosen_under", "holds"),
    [
        ("override", None, True),
        ("override", [], True),
        ("override", ["gpc"], True),
        ("confirm", None, True),
        ("confirm", [], True),
        ("confirm", ["dnt"], True),
        ("confirm", ["gpc"], False),
        ("default", None, True),
        ("default", [], False),
        ("default", ["gpc"], False),
        ("ignore", None, False),
        ("ignore", [], False),
    ],
)
def test_each_precedence_of_a_signal(
    policy: str, chosen_under: list[Signal] | None, holds: bool
) -> None:
    active = in_force(["gpc"], {"gpc": policy, "dnt": "override"}, chosen_under=chosen_under)
    assert active == ({"gpc"} if holds else set())


def test_each_signal_has_its_own_precedence() -> None:
    policy: dict[Signal, str] = {"dnt": "override", "gpc": "ignore"}
    assert in_force(["dnt", "gpc"], policy, chosen_under=None) == {"dnt"}


def test_gpc_is_named_when_both_are_in_force() -> None:
    assert strongest({"dnt", "gpc"}) == "gpc"
    assert strongest({"dnt"}) == "dnt"
    assert strongest(set()) is None


@pytest.mark.parametrize("value", [b"0,1", b"1,0", b"0 ,1", b"0,\t1"])
def test_a_signal_among_several_values_joined_with_commas_is_on(value: bytes) -> None:
    assert is_on(value)
