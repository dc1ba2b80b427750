"""Commands open an existing ledger, or explain why they cannot."""

from pathlib import Path

import pytest

from tests.cli.runs import call

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite:///none.db", "there is no file"),
        ("sqlite://", "in memory"),
        ("mysql://x/y", "SQLite or PostgreSQL"),
        ("nonsense", "is not valid"),
        ("postgresql://test@127.0.0.1:1/none", "refused"),
    ],
)
def test_a_ledger_that_cannot_be_opened_is_one_line_of_error(url: str, text: str) -> None:
    result = ledger(url, "verify")
    assert result.exit_code == 2
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("value", [None, ""])
def test_a_command_without_a_ledger_names_the_variable(value: str | None) -> None:
    for command in ("verify", "health", "export"):
        result = call("ledger", command, env={"COOKIEGATE_LEDGER": value})
        assert result.exit_code == 2
        assert "--ledger sqlite:///consent.db" in result.stderr
        assert "COOKIEGATE_LEDGER" in result.stderr


def test_a_command_without_a_key_names_the_variable(url: str) -> None:
    result = ledger(url, "checkpoint")
    assert result.exit_code == 2
    assert "COOKIEGATE_LEDGER_KEY" in result.stderr
    assert "keygen" in result.stderr


def test_reading_commands_create_no_tables(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    for command in ("verify", "health"):
        result = call("ledger", command, "--ledger", f"sqlite:///{tmp_path}/empty.db")
        assert "the database contains no ledger yet" in result.output
    assert (tmp_path / "empty.db").stat().st_size <= 4096  # SQLite's own first page
