"""The group of commands: complete, and quick to start."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cookiegate
from cookiegate.cli.command import ExampleCommand
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


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["chek"], "there is no command 'chek'; write 'check'"),
        (["ledger", "verfy"], "there is no command 'verfy'; write 'verify'"),
        (["frob"], "there is no command 'frob'; write one of 'init', 'keygen', "),
        (["check", "--productoin"], "Did you mean '--production'?"),
        (["--chek"], "No such option '--chek'"),
    ],
)
def test_a_typing_error_is_wrong_usage_with_what_was_meant(arguments: list[str], text: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def commands_of(group: click.Group, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command that is not a group, with its names."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_of(command, *names, name)
        else:
            yield (*names, name), command


EXAMPLES = [
    pytest.param(names, line, id=line)
    for names, found in commands_of(cli)
    for line in getattr(found, "examples", ())
]


def test_each_command_has_examples_that_fit_eighty_columns() -> None:
    for names, found in commands_of(cli):
        assert isinstance(found, ExampleCommand), names
        assert found.examples
        lines = call(*names, "--help").stdout.split("Examples:\n")[1].splitlines()
        assert lines == [f"  {line}" for line in found.examples]
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("names", "line"), EXAMPLES)
def test_each_example_is_a_call_of_its_command(names: tuple[str, ...], line: str) -> None:
    typed = re.fullmatch(
        r'(?:eval "\$\(|export \w+=\$\()?cookiegate (.*?)(?:\)"?)?(?: >>? \S+| +#.*)?', line
    )
    assert typed is not None
    words = shlex.split(typed[1])
    assert words[: len(names)] == [*names]
    found = dict(commands_of(cli))[names]
    # The database and the key are asked for by callbacks.
    env = {"COOKIEGATE_LEDGER": "sqlite:///consent.db", "COOKIEGATE_LEDGER_KEY": "key.pem"}
    with CliRunner(env=env).isolation():
        found.make_context(line, words[len(names) :])


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
