"""The group `cookiegate ledger`."""

import sys
from pathlib import Path

import pytest

from tests.cli.runs import call

pytestmark = pytest.mark.usefixtures("folder")


def test_commands_are_listed_in_the_order_in_which_a_site_needs_them() -> None:
    lines = call("ledger", "--help").stdout.partition("Commands:\n")[2].splitlines()
    names = [line.split()[0] for line in lines]
    assert names[:3] == ["upgrade", "health", "keygen"]
    assert len(names) == 11
    assert all("..." not in line for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("health",),
        ("keygen", "key.pem"),
        ("check", "proof.json"),
        ("show", "r1"),
    ],
)
def test_without_the_extra_a_command_says_what_to_install(
    arguments: tuple[str, ...], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    packages = ("cookiegate.ledger", "cookiegate.cli.commands.ledger", "cookiegate.cli.render")
    for name in [name for name in sys.modules if name.startswith(packages)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alembic", None)
    result = call("ledger", *arguments, env={"COOKIEGATE_LEDGER": url})
    assert result.exit_code == 2
    assert "pip install 'cookiegate[ledger]'" in result.stderr
    assert not (tmp_path / "key.pem").exists()
