"""Exceptions: one base, and names that end in Error."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "cookiegate"


def exceptions() -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the bases of each exception class of the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base) for base in node.bases]
                if any(base.endswith(("Error", "Exception")) for base in bases):
                    yield node.name, bases


def test_every_exception_has_the_common_base_or_clicks() -> None:
    named = dict(exceptions())
    assert {"CookiegateError", "RegistryError", "LedgerError", "NotKeptError"} <= named.keys()
    allowed = {"CookiegateError", "click.ClickException"}
    assert named.pop("CookiegateError") == ["Exception"]

    def is_allowed(name: str) -> bool:
        return name in allowed or any(map(is_allowed, named.get(name, ())))

    assert [name for name in named if not is_allowed(name)] == []


def test_the_name_of_every_exception_ends_in_error() -> None:
    assert [name for name, _ in exceptions() if not name.endswith("Error")] == []
