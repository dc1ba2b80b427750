"""A file that does not exist is named in the same words by every command."""

from pathlib import Path

import pytest

from cookiegate.reports.sqlite import CountsFile

from .runs import call

LEDGER = ("--ledger", "sqlite:///none")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "none"),
        ("explain", "_ga", "--registry", "none"),
        ("policy", "--registry", "none"),
        ("report", "none"),
        ("report", "there.db", "--registry", "none"),
        ("texts", "check", "--registry", "none"),
        ("texts", "extract", "fr", "--registry", "none"),
        ("insights", "--report", "none"),
        ("insights", *LEDGER),
        ("insights", "--report", "there.db", "--registry", "none"),
        ("ledger", "verify", *LEDGER),
        ("ledger", "show", "receipt", *LEDGER),
        ("ledger", "export", *LEDGER),
        ("ledger", "check", "none"),
        ("ledger", "prune", "--keep", "1 year", *LEDGER, "--key", "key.pem"),
        ("ledger", "verify", "--ledger", "sqlite:///ledger.db", "--checkpoint", "none"),
        ("ledger", "checkpoint", "--ledger", "sqlite:///ledger.db", "--key", "none"),
    ],
    ids=" ".join,
)
def test_a_missing_file_is_named_in_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    CountsFile("there.db").create()
    assert call("ledger", "upgrade", "--ledger", "sqlite:///ledger.db").exit_code == 0
    ended = call(*arguments)
    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert line.partition(";")[0] == "Error: there is no file 'none'"
    assert not (tmp_path / "none").exists()
