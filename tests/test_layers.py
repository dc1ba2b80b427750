"""Imports only point down, and the core does no I/O."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cookiegate"

# From the bottom up: a module imports only from those before it.
CORE = [
    "registry.problems",
    "registry.forms",
    "registry.lifetimes",
    "registry.findings",
    "registry.patterns",
    "registry.positions",
    "registry.unasked",
    "registry.model",
    "registry.fields",
    "registry.siteshape",
    "registry.shape",
    "registry.flooring",
    "registry.checking",
    "registry.entries",
    "registry.walking",
    "registry.building",
    "registry.loading",
    "registry.candidates",
    "registry.registry",
    "registry",
    "registry.schema",
    "cookiedate",
    "setcookie",
    "rewriting",
    "signals",
    "headernames",
    "requesting",
    "seal",
    "consent",
    "choice",
    "consentcookie",
    "verdict",
    "caching",
    "floors",
    "meaning",
    "judging",
    "listening",
    "filtering",
    "places",
    "sent",
    "sweeping",
    "csp",
    "cspediting",
    "snapshot",
    "hiding",
    "visit",
    "replacing",
    "own",
    "gate",
    "explaining",
    "advice.trackers",
    "advice.holding",
    "advice.places",
    "advice.reaching",
    "advice.rules",
    "advice.advice",
    "advice",
    "__init__",
]
# What is plugged into a gate.
ROOMS = [
    "tags",
    "urls",
    "reports.folding",
    "reports.tally",
    "reports.proposing",
    "reports.guessing",
    "reports.file",
    "reports.logs",
    "reports.telling",
    "reports.counts",
    "reports.banners",
    "reports",
    "reports.prometheus",
    "reports.opentelemetry",
]
# Proof of what visitors chose.
ROOMS += [
    *("ledger.chain", "ledger.addresses", "ledger.receipts", "ledger.tables", "ledger.salts"),
    *("ledger.migrations", "ledger.migrations.env", "ledger.migrations.versions"),
    *(
        "ledger.migrations.versions.first",
        "ledger.database",
        "ledger.inserting",
        "ledger.store",
        "ledger.spool",
    ),
    *("ledger.waiting", "ledger.writer", "ledger.running", "ledger.recorder", "ledger"),
    *("ledger.signing", "ledger.checkpoints", "ledger.removals", "ledger.verifying"),
    *("ledger.proving", "ledger.operations", "ledger.exporting"),
]
# What visitors see; it wraps an application inside of a door.
ROOMS += [
    *("pages.exchange", "pages.texts", "pages.catalogues", "pages.languages", "pages.origins"),
    *("pages.paths", "pages.limiting", "pages.forms", "pages.formtoken", "pages.content"),
    *("pages.state", "pages.storage", "pages.assets", "pages.rendering", "pages.html"),
    *("pages.choosing", "pages.gpc", "pages.api", "pages.openapi", "pages.asgi"),
    *("pages.wsgi", "pages.pages", "pages"),
]
# What receipts and counts come to.
ROOMS += [
    *("insights.counting", "insights", "insights.suppression", "insights.tables"),
    *("insights.sections", "insights.words", "insights.charts", "insights.page"),
    "insights.reading",
]
DOORS = [
    *("hosts", "doors", "asgi", "wsgi", "starlette", "flask"),
    *(
        "django.conf",
        "django.cookies",
        "django.answering",
        "django.paging",
        "django.middleware",
        "django",
        "django.checks",
    ),
    *("django.apps", "django.templatetags", "django.templatetags.cookiegate"),
]
# The command line, on top of all.
COMMANDS = [
    *("cli.escaping", "cli.options", "cli.output", "cli.projects", "cli.wiring", "cli.starting"),
    *("cli.findings", "cli.outputs", "cli.outputs.marks", "cli.outputs.excerpts"),
    *("cli.outputs.people", "cli.outputs.machines", "cli.check"),
    *(
        "cli.init",
        "cli.keygen",
        "cli.sweeps",
        "cli.explained",
        "cli.explain",
        "cli.reported",
        "cli.report",
    ),
    *("cli.policy", "cli.counted", "cli.insights"),
    *("cli.ledgers", "cli.ledgers.opening", "cli.ledgers.tending", "cli.ledgers.showing"),
    *("cli.ledgers.proving", "cli.ledgers.handling", "cli.ledger"),
    *("cli.group", "cli.completion", "cli.running", "cli", "cli.__main__", "__main__"),
]
HOUSE = CORE + ROOMS + DOORS + COMMANDS

# What the core is made of. No file, socket, log, framework or clock is among it.
ALLOWED = {
    *(
        "__future__",
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "difflib",
        "enum",
        "fnmatch",
        "functools",
    ),
    *(
        "binascii",
        "hashlib",
        "hmac",
        "itertools",
        "itsdangerous",
        "json",
        "math",
        "msgspec",
        "re",
        "tomllib",
    ),
    *("types", "typing", "unicodedata"),
}
EXCEPTIONS = {
    # The clock and the receipts' ids enter here, as defaults of arguments.
    "gate": {"secrets", "time"},
    # Threads take turns at what would crash the interpreter.
    "registry.loading": {"threading"},
    # Registry.load reads a file, or one of those that are shipped.
    "registry.registry": {"importlib"},
    # A command: it prints the schema, or compares a file with it.
    "registry.schema": {"pathlib", "sys", "argparse"},
}


def modules() -> list[str]:
    found = []
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found.append(name.removesuffix(".__init__"))
    return sorted(found)


def imports(module: str) -> Iterator[str]:
    """Absolute names of what a module imports; inside the package without the package's name."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    is_package = not path.exists()
    if is_package:
        path = PACKAGE / module.replace(".", "/") / "__init__.py"
    here = ["cookiegate", *module.split(".")] if module != "__init__" else ["cookiegate", "_"]
    parent = here if is_package else here[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parent[: len(parent) - node.level + 1] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            yield from (
                (f"{target}.{alias.name}" for alias in node.names)
                if (not node.module)
                else iter([target])
            )


def test_every_module_has_its_place() -> None:
    assert modules() == sorted(HOUSE)


@pytest.mark.parametrize("module", HOUSE)
def test_imports_only_point_down(module: str) -> None:
    below = set(HOUSE[: HOUSE.index(module)])
    for target in imports(module):
        if target.startswith("cookiegate."):
            assert target.removeprefix("cookiegate.") in below, target


@pytest.mark.parametrize("module", CORE)
def test_the_core_does_no_io_and_knows_no_framework(module: str) -> None:
    roots = {target.partition(".")[0] for target in imports(module)} - {"cookiegate"}
    assert roots <= ALLOWED | EXCEPTIONS.get(module, set())


@pytest.mark.parametrize("module", ["cookiegate", "cookiegate.asgi", "cookiegate.wsgi"])
def test_importing_brings_nothing_but_itsdangerous_and_msgspec(module: str) -> None:
    code = f"import sys; old = set(sys.modules); import {module}; print(*set(sys.modules) - old)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    roots = {name.partition(".")[0] for name in loaded}
    # msgspec takes typing_extensions where it finds it, and needs it nowhere.
    assert roots - sys.stdlib_module_names - {"typing_extensions"} == {
        "cookiegate",
        "itsdangerous",
        "msgspec",
    }
    assert not roots & {"asyncio", "http", "jinja2", "socket"}
