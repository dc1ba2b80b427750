"""Key files and options that take keys."""

import stat
from pathlib import Path

import pytest

from tests.cli.runs import call

from .runs import ledger

pytestmark = pytest.mark.usefixtures("folder")


def test_only_the_owner_can_read_a_key_and_it_is_never_replaced(
    public_key: str, folder: Path
) -> None:
    assert len(public_key) == 64
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    again = call("ledger", "keygen", "key.pem")
    assert again.exit_code == 2
    assert "'key.pem' already exists and was not changed" in again.stderr
    assert call("ledger", "keygen", "no/such/key.pem").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "--checkpoint", "none.json"),
        ("verify", "--checkpoint", "consent.db"),
        ("verify", "--public-key", "abc"),
        ("verify", "--public-key", ""),
        ("verify", "--public-key", "x" * 300),
        ("checkpoint", "--key", "consent.db"),
        ("checkpoint", "--key", "none.pem"),
        ("prove", "r0", "--checkpoint", "none.json"),
    ],
)
def test_a_file_of_another_kind_is_one_line_of_error(url: str, arguments: tuple[str, ...]) -> None:
    result = ledger(url, *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
