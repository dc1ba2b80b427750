"""Runs commands of the ledger."""

import sys

import pytest
from click.testing import Result

from cookiegate.cli.run import run
from tests.cli.runs import call

__all__ = ["ledger", "run_on_terminal"]


def ledger(url: str, *arguments: str, stdin: str | None = None) -> Result:
    """Run a command of the ledger in a pipe."""
    return call("ledger", *arguments, env={"COOKIEGATE_LEDGER": url}, stdin=stdin)


def run_on_terminal(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command in this process as if its output were a terminal. It must succeed."""
    monkeypatch.setenv("TERM", "dumb")
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert not ended.value.code
