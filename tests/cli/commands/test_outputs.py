"""No command replaces a file that it did not write, whatever option names the file."""

from pathlib import Path

import click
import pytest

from cookiegate.cli.group import CommandGroup, cli
from tests.cli.commands.ledger.conftest import folder, public_key, url
from tests.cli.runs import call

__all__ = ["folder", "public_key", "url"]

# Each command that writes a file, with what comes before the file's name.
WRITERS = (
    ("init", "--name", "Shop", "--force", "--registry"),
    ("insights", "--html"),
    ("ledger", "keygen"),
    ("ledger", "checkpoint", "--key", "key.pem", "--output"),
    ("ledger", "prove", "r1", "--checkpoint", "point.json", "--output"),
    ("ledger", "check", "proof.json", "--page"),
    ("ledger", "show", "r1", "--page"),
    ("ledger", "export", "--output"),
    ("ledger", "export", "--format", "jsonl", "-o"),
)
VICTIMS = "consent.db", "key.pem", "link.db", "app.py", "pyproject.toml", "site.html", "a.json"
# Parameters that name what is read. "file" is also what `keygen` writes, which is tested.
READ = {
    *("registry", "files", "file", "report", "url", "key", "public_keys", "checkpoints", "path"),
    *("previous", "spool", "ledger"),
}


def leaves(group: click.Command, *names: str) -> list[tuple[tuple[str, ...], click.Command]]:
    """Return all commands with their names."""
    if not isinstance(group, CommandGroup):
        return [(names, group)]
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += leaves(command, *names, name)
    return found


def test_every_parameter_that_names_an_output_is_tested() -> None:
    for names, command in leaves(cli):
        for one in command.params:
            names_file = isinstance(one.type, click.Path) or one.metavar == "FILE"
            if names_file and one.name not in READ:
                tested = [writer for writer in WRITERS if writer[: len(names)] == names]
                assert any(writer[-1] in one.opts for writer in tested), (names, one.opts)


@pytest.mark.parametrize("writer", WRITERS, ids=" ".join)
@pytest.mark.parametrize(
    "victim",
    ["consent.db", "key.pem", "link.db", "app.py", "pyproject.toml", "site.html", "a.json"],
)
def test_a_command_replaces_no_foreign_file(
    url: str, public_key: str, folder: Path, writer: tuple[str, ...], victim: str
) -> None:
    env = {"COOKIEGATE_LEDGER": url}
    call("ledger", "checkpoint", "--key", "key.pem", "-o", "point.json", env=env)
    call("ledger", "prove", "r1", "--checkpoint", "point.json", "-o", "proof.json", env=env)
    (folder / "link.db").symlink_to("consent.db")
    (folder / "app.py").write_text("site = 1\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (folder / "site.html").write_text("<!doctype html>\n<title>Shop</title>\n")
    (folder / "a.json").write_text('{"name": "shop"}\n')
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = call(*writer, victim, env=env)
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") >= 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert (folder / "link.db").is_symlink()


@pytest.mark.parametrize("writer", WRITERS[3:], ids=" ".join)
def test_a_command_replaces_what_it_has_written(
    url: str, public_key: str, folder: Path, writer: tuple[str, ...]
) -> None:
    env = {"COOKIEGATE_LEDGER": url}
    call("ledger", "checkpoint", "--key", "key.pem", "-o", "point.json", env=env)
    call("ledger", "prove", "r1", "--checkpoint", "point.json", "-o", "proof.json", env=env)
    for _ in range(2):
        assert call(*writer, "out", env=env).exit_code == 0
    assert (folder / "out").stat().st_size
