"""Each entry has the mechanisms that hold it back."""

import pytest

from cookiegate import Registry
from cookiegate.advice import Coverage
from tests.advice.texts import WITH_SERVICE


@pytest.mark.parametrize(
    ("policy", "line", "mechanisms"),
    [
        ("", "", ("header gate", "CSP", "sweep")),
        ("", 'set_by = "server"', ("header gate", "sweep")),
        ("", 'set_by = "script"', ("CSP", "sweep")),
        ("", 'set_by = "third_party"', ("CSP",)),
        ("", 'kind = "pixel"', ("CSP",)),
        ("", 'kind = "local_storage"\nset_by = "script"', ("CSP", "cookiegate.js")),
        ('csp = "off"', 'set_by = "script"', ("sweep",)),
        ('csp = "off"\nsweep = "report"', 'set_by = "script"', ("nothing",)),
        ('csp = "off"', 'set_by = "third_party"', ("nothing",)),
        ('csp = "off"', 'kind = "session_storage"\nset_by = "third_party"', ("nothing",)),
    ],
)
def test_an_entry_has_its_mechanisms(policy: str, line: str, mechanisms: tuple[str, ...]) -> None:
    text = WITH_SERVICE.format(policy=policy, line=line)
    registry = Registry.parse(text)
    assert Coverage(registry).mechanisms(registry.entries[-1]) == mechanisms


def test_a_required_entry_and_one_with_a_required_source_have_no_mechanism() -> None:
    text = WITH_SERVICE.format(policy="", line='set_by = "third_party"')
    text += '[services.pay]\ncategory = "essential"\nsources = ["https://Count.example"]\n'
    registry = Registry.parse(text)
    sid, visits = registry.entries
    assert Coverage(registry).mechanisms(sid) == ()
    assert Coverage(registry).mechanisms(visits) == ("nothing",)
