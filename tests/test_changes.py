"""Typical changes have one place each: docs/architecture.md lists them, and these tests try them.

Each test changes a copy of the package as the page says, and looks for the change on
every surface, in a separate process. A language is tested in tests/pages/test_catalogs.py.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "cookiegate", tmp_path / "cookiegate", ignore=ignored)
    return tmp_path


def insert(file: Path, before: str, added: str) -> None:
    """Insert lines before the only place of a text."""
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, added + before))


def run(copy: Path, program: str) -> None:
    """Run a program with the changed copy of the package."""
    environment = os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


SIGNAL = """
import json
from click.testing import CliRunner
from cookiegate import Gate, Reason, Registry
from cookiegate.cli.commands.explain import explain
from cookiegate.registry.schema.json_schema import schema_text
from tests.pages.support import Browser
from tests.registries import KEY, SHOP, cookie_header

QUIET = (b"sec-quiet", b"1")
gate = Gate(Registry.parse(SHOP.format(policy="signals = { quiet = 'confirm' }", analysis="")), KEY)
before = cookie_header(gate.issue({"analysis"}))
# It is read, and holds a choice off.
consent = gate.read([before, QUIET])
assert consent.signal == "quiet"
assert gate.judge(b"_ga=1", consent).reason is Reason("quiet")
# It is a key of the registry, and stands in the consent cookie.
while_on = cookie_header(gate.issue({"analysis"}, signals={"quiet"}))
assert gate.read([while_on, QUIET]).allows("analysis")
# Caches hear of it.
headers = gate.filter([(b"set-cookie", b"_ga=1")], consent)
assert b"Sec-Quiet" in dict(headers)[b"vary"]
# Editors know the key, the command line has the option, and the page names it.
assert '"quiet"' in schema_text()
open("cookiegate.toml", "w").write(SHOP.format(policy="", analysis=""))
found = CliRunner().invoke(explain, ["_ga", "--consent", "analysis", "--quiet", "--json"])
assert json.loads(found.output)["verdict"]["reason"] == "quiet", found.output
assert "Quiet Browsing" in Browser("wsgi").get("/cookies/policy").text
"""


def test_a_signal_is_a_row_of_the_signal_table_and_a_reason(copy: Path) -> None:
    signals = copy / "cookiegate/http/signals.py"
    insert(
        signals,
        ")\n#: The ids, in the same order.",
        '    SignalHeader("quiet", "Sec-Quiet", "Quiet Browsing", "q"),\n',
    )
    verdict = copy / "cookiegate/enforcement/verdict.py"
    insert(verdict, '    UNKNOWN = "', '    QUIET = "quiet", "The browser sends Quiet."\n')
    run(copy, SIGNAL)


REASON = """
from cookiegate import Reason, Verdict
from cookiegate.reports import Counts
from cookiegate.reports.current import judge_now
from cookiegate.reports.log import as_dict
from cookiegate.reports.sqlite import CountsFile

reason = Reason("too_loud")
assert reason.text == "It is too loud."
counts = Counts("counts.db")
counts(Verdict(allowed=True, action="keep", header=b"", name="a", category=None, reason=reason))
counts.close()
(row,) = CountsFile("counts.db").read()
assert row.key.reason is reason
assert judge_now([row], None)[0].needs_fixing
assert as_dict(row)["reason"] == "too_loud"
"""


def test_a_reason_is_a_member_with_its_text_and_its_traits(copy: Path) -> None:
    insert(
        copy / "cookiegate/enforcement/verdict.py",
        '    HOOK_REFUSED = "',
        '    TOO_LOUD = "too_loud", "It is too loud.", Trait.NEEDS_ACTION\n',
    )
    run(copy, REASON)


OPTION = """
import django
from django.conf import settings
from flask import Flask
from starlette.applications import Starlette
from cookiegate import asgi, wsgi
from cookiegate.flask import CookieGate
from cookiegate.starlette import install
from tests.registries import KEY, gate_for, shop

gate = gate_for()
settings.configure(
    SECRET_KEY=KEY, COOKIEGATE_GATE=gate, COOKIEGATE_LABEL="x", INSTALLED_APPS=["cookiegate.django"]
)
django.setup()
from cookiegate.django import CookieGateMiddleware

made = [
    asgi.CookieGateMiddleware(None, gate, label="x"),
    wsgi.CookieGateMiddleware(None, gate, label="x"),
    CookieGateMiddleware(lambda request: None),
]
starlette = Starlette()
install(starlette, gate, label="x")
starlette.middleware_stack = starlette.build_middleware_stack()
made.append(starlette.middleware_stack)
by_argument, by_configuration = Flask("one"), Flask("two")
CookieGate(by_argument, gate, label="x")
by_configuration.config["COOKIEGATE_LABEL"] = "x"
CookieGate(by_configuration, gate)
made += [by_argument.wsgi_app, by_configuration.wsgi_app]
assert [one.setup.label for one in made] == ["x"] * 6
"""


def test_an_option_of_the_middleware_is_a_key_of_its_options(copy: Path) -> None:
    options = copy / "cookiegate/middleware/options.py"
    insert(options, "\n\n#: The names of the options that make a gate.", "    label: str | None\n")
    insert(options, "\n    @classmethod\n    def resolve(", "    label: str | None\n")
    resolve = '            resolve_recorder(options.get("recorder"), is_async=is_async),\n'
    insert(options, "        )\n\n    def find(self, host", '            options.get("label"),\n')
    assert resolve in options.read_text()
    run(copy, OPTION)
