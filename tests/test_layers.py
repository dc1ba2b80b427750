"""Imports only point down, and the core does no I/O: pyproject.toml has the layers."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_only_point_down_and_the_core_does_no_io() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    seen = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert seen.returncode == 0, seen.stdout


@pytest.mark.parametrize("module", ["cookiegate", "cookiegate.asgi", "cookiegate.wsgi"])
def test_importing_brings_nothing_but_itsdangerous_and_msgspec(module: str) -> None:
    code = f"import sys; old = set(sys.modules); import {module}; print(*set(sys.modules) - old)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    roots = {name.partition(".")[0] for name in loaded}
    # msgspec imports typing_extensions if it is installed, but does not need it.
    assert roots - sys.stdlib_module_names - {"typing_extensions"} == {
        "cookiegate",
        "itsdangerous",
        "msgspec",
    }
    assert not roots & {"asyncio", "http", "jinja2", "socket"}


# What reads, checks, explains and shows registries answers no request, and what edits policies does
# so only for a registry that has sources.
LATER = (
    *("cookiegate.advice", "cookiegate.cli", "cookiegate.explain", "cookiegate.ledger"),
    *("cookiegate.pages", "cookiegate.reports", "cookiegate.testing"),
    *("cookiegate.enforcement.csp_editor", "cookiegate.http.csp"),
    *("cookiegate.registry.builtin", "cookiegate.registry.candidates", "cookiegate.registry.load"),
    *("cookiegate.registry.patterns", "cookiegate.registry.presets"),
    *("cookiegate.registry.replacement", "cookiegate.registry.schema.json_schema"),
    *("cookiegate.registry.schema.tables", "cookiegate.registry.validation"),
    *("cookiegate.registry.values", "dataclasses", "difflib", "tomllib", "unicodedata"),
)


@pytest.mark.parametrize(
    ("module", "framework"),
    [
        ("cookiegate.starlette", "starlette.applications"),
        ("cookiegate.flask", "flask"),
        ("cookiegate.django.middleware", "django.core.handlers.asgi"),
        ("cookiegate.asgi", "msgspec"),
        ("cookiegate.wsgi", "msgspec"),
    ],
)
def test_importing_a_middleware_adds_only_what_answers_requests(
    module: str, framework: str
) -> None:
    code = (
        f"import sys, {framework}; old = set(sys.modules)\n"
        f"import {module}; print(*set(sys.modules) - old)"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert module in loaded
    assert [
        name for name in loaded if f"{name}.".startswith(tuple(f"{one}." for one in LATER))
    ] == []
