"""What a request costs in instructions: the same number on a busy machine as on an idle one.

Times are measured by `make bench`.
"""

from pathlib import Path

import pytest

from benchmarks.instructions import committed
from benchmarks.instructions.callgrind import count
from benchmarks.instructions.cases import CASES, SCALE, WATCHED, name_of
from benchmarks.instructions.committed import COMMAND, Committed
from benchmarks.variants import VARIANTS, Variant, present

GATE = name_of("ASGI", "script's request", 5)
HERE = Committed.of({"pure": dict.fromkeys((*SCALE, GATE), 100.0)})
ELSEWHERE = Committed("another build", HERE.version, HERE.figures)
IN_ANOTHER_VERSION = Committed("another build", "3.10", HERE.figures)


def figures(gate: float, scale: float = 1) -> dict[str, float]:
    return dict.fromkeys(SCALE, 100 * scale) | {GATE: 100 * gate}


@pytest.mark.slow
@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_request_takes_5_percent_more_instructions_than_is_committed(variant: Variant) -> None:
    # Without a compiler there is no form with C to count.
    if variant in present():
        dearer = Committed.load().dearer(count((*SCALE, *WATCHED), variant), variant)
        assert not dearer, "\n".join(dearer)


@pytest.mark.slow
@pytest.mark.needs("valgrind")
def test_a_case_has_the_same_count_again() -> None:
    once, again = (count([GATE], "pure")[GATE] for _ in range(2))
    assert again == pytest.approx(once, rel=0.005)


def test_all_cases_that_are_compared_have_committed_figures() -> None:
    assert Committed.load().figures["pure"].keys() == CASES.keys()


def test_the_same_build_may_be_5_percent_dearer() -> None:
    assert HERE.dearer(figures(1.05), "pure") == []
    assert HERE.dearer(figures(0.5), "pure") == []


def test_a_dearer_case_is_named_with_both_figures_and_the_command() -> None:
    (message,) = HERE.dearer(figures(1.06), "pure")
    for part in ("pure", GATE, "takes 106.0", "figure is 100.0:", "+6.0%", "5%", COMMAND):
        assert part in message


def test_another_build_of_the_same_version_is_scaled() -> None:
    assert ELSEWHERE.dearer(figures(1.20, scale=1.15), "pure") == []
    assert ELSEWHERE.dearer(figures(1.00, scale=0.96), "pure") == []
    (message,) = ELSEWHERE.dearer(figures(1.22, scale=1.15), "pure")
    assert "100.0 × 1.150" in message
    assert committed.build() in message


def test_another_version_has_more_room() -> None:
    assert IN_ANOTHER_VERSION.dearer(figures(1.19), "pure") == []
    assert len(IN_ANOTHER_VERSION.dearer(figures(1.21), "pure")) == 1


def test_a_form_without_committed_figures_fails() -> None:
    messages = HERE.dearer(figures(1), "with C")
    assert len(messages) == len(SCALE) + 1
    assert COMMAND in messages[0]


def test_figures_of_a_form_that_is_not_here_are_not_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(committed, "FILE", tmp_path / "figures.json")
    Committed.of({"pure": {GATE: 100.0}, "with C": {GATE: 50.0}}).save()
    monkeypatch.setattr(committed, "present", lambda: ("pure",))
    with pytest.raises(RuntimeError, match="would lose the figures with C: build the extension"):
        committed.renew()
    assert Committed.load().figures["with C"] == {GATE: 50.0}


def test_renewing_counts_every_form_that_is_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(committed, "FILE", tmp_path / "figures.json")
    HERE.save()
    monkeypatch.setattr(committed, "present", lambda: VARIANTS)
    monkeypatch.setattr(committed, "count", lambda names, variant: {GATE: float(len(variant))})
    assert committed.renew() == Committed.load()
    assert Committed.load().figures == {"pure": {GATE: 4.0}, "with C": {GATE: 6.0}}


@pytest.mark.slow
@pytest.mark.needs("valgrind")
def test_a_case_that_fails_is_named() -> None:
    with pytest.raises(RuntimeError, match="no such case: the process failed"):
        count(["no such case"], "pure")
