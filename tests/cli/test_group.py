"""The group of commands: complete, and quick to start."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

import cookiegate
from cookiegate.cli.group import COMMANDS, cli

from .runs import call, command

NAMES = cli.list_commands(click.Context(cli))


def loaded_by(code: str) -> set[str]:
    """Return the modules that a process has imported in the end."""
    code = f"import sys\ntry:\n    {code}\nfinally:\n    print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_help_lists_commands_in_the_order_in_which_a_site_needs_them() -> None:
    lines = call("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == NAMES == list(COMMANDS)


def test_help_fits_eighty_columns_with_a_line_for_each_command() -> None:
    lines = call("--help").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert [line.endswith(".") for line in lines if line.strip().startswith(tuple(NAMES))] == [
        True for _ in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_help(name: str) -> None:
    result = call(name, "-h")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cookiegate {name} ")


def test_an_unknown_command_is_wrong_usage() -> None:
    result = call("chekc")
    assert result.exit_code == 2
    assert "No such command 'chekc'" in result.stderr


def test_help_imports_click_and_no_command() -> None:
    only_package = loaded_by("import cookiegate")
    more = loaded_by("import cookiegate.cli.run as r; r.run(['--help'])") - only_package
    roots = {name.partition(".")[0] for name in more} - sys.stdlib_module_names
    assert roots == {"click"} | ({"cookiegate"} & roots)
    commands = {name for name in more if name.startswith("cookiegate.")}
    assert commands == {
        f"cookiegate.cli{name}" for name in ("", ".errors", ".escape", ".group", ".run")
    }
    assert "asyncio" not in more


@pytest.mark.parametrize("arguments", [["keygen"], ["keygen", "--json"], ["completion", "zsh"]])
def test_commands_without_tables_do_not_import_rich(arguments: list[str]) -> None:
    loaded = loaded_by(f"import cookiegate.cli.run as r; r.run({arguments!r})")
    assert not {"rich", "tomlkit", "cookiegate.explain"} & loaded


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    ended = command("--version", cwd=tmp_path)
    assert (ended.code, ended.out) == (0, f"cookiegate {cookiegate.__version__}\n")


@pytest.mark.parametrize("module", ["cookiegate", "cookiegate.cli"])
def test_the_package_can_be_run_as_the_command(tmp_path: Path, module: str) -> None:
    ended = command("keygen", "--json", cwd=tmp_path, program=[sys.executable, "-m", module])
    assert ended.code == 0
    assert set(json.loads(ended.out)) == {"secret_key"}
