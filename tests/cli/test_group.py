"""The group: quick to start, and made of the commands that are there."""

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
    """What a process has loaded in the end, after whatever it prints."""
    code = f"import sys\ntry:\n    {code}\nfinally:\n    print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_help_lists_each_command_in_the_order_of_need() -> None:
    lines = call("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == NAMES == list(COMMANDS)


def test_help_fits_eighty_columns_with_a_line_for_each_command() -> None:
    lines = call("--help").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert [line.endswith(".") for line in lines if line.strip().startswith(tuple(NAMES))] == [
        True for _ in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_help_of_its_own(name: str) -> None:
    result = call(name, "-h")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cookiegate {name} ")


def test_a_command_that_is_not_there_is_wrong_usage() -> None:
    result = call("chekc")
    assert result.exit_code == 2
    assert "No such command 'chekc'" in result.stderr


def test_asking_for_help_loads_click_and_no_command() -> None:
    only_package = loaded_by("import cookiegate")
    more = loaded_by("import cookiegate.cli.run as r; r.run(['--help'])") - only_package
    roots = {name.partition(".")[0] for name in more} - sys.stdlib_module_names
    assert roots == {"click"} | ({"cookiegate"} & roots)
    commands = {name for name in more if name.startswith("cookiegate.")}
    assert commands == {f"cookiegate.cli{name}" for name in ("", ".errors", ".group", ".run")}
    assert "asyncio" not in more


@pytest.mark.parametrize("arguments", [["keygen"], ["keygen", "--json"], ["completion", "zsh"]])
def test_commands_that_draw_no_table_load_no_rich(arguments: list[str]) -> None:
    loaded = loaded_by(f"import cookiegate.cli.run as r; r.run({arguments!r})")
    assert not {"rich", "tomlkit", "cookiegate.explain"} & loaded


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    ended = command("--version", cwd=tmp_path)
    assert (ended.code, ended.out) == (0, f"cookiegate {cookiegate.__version__}\n")


@pytest.mark.parametrize("module", ["cookiegate", "cookiegate.cli"])
def test_the_package_can_be_run_in_place_of_the_command(tmp_path: Path, module: str) -> None:
    ended = command("keygen", "--json", cwd=tmp_path, program=[sys.executable, "-m", module])
    assert ended.code == 0
    assert set(json.loads(ended.out)) == {"secret_key"}
