"""A ledger with receipts of every kind, and a key."""

from pathlib import Path

import pytest

from tests.cli.runs import call
from tests.ledger.books import fill, made, receipt
from tests.registries import NOON


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A ledger with a grant, a change of it, its withdrawal, and a grant by code."""
    url = f"sqlite:///{tmp_path}/consent.db"
    engine = made(url)
    fill(
        engine,
        [
            receipt(0),
            receipt(1, kind="change", closes="r0", granted=("marketing",), address="192.0.2.0/24"),
            receipt(2, kind="withdrawal", closes="r1", granted=(), signals=("gpc",)),
            receipt(3, surface="code", presentation=None, language=None),
            receipt(4, surface="code", presentation=None, language=None, evidence="form\x1b[31m"),
            receipt(5, kind="refusal", granted=(), time=NOON - NOON % 86_400),
        ],
    )
    engine.dispose()
    return url


@pytest.fixture
def long_url(tmp_path: Path) -> str:
    """A ledger with more receipts than one step of the progress bar."""
    url = f"sqlite:///{tmp_path}/long.db"
    engine = made(url)
    fill(engine, (receipt(n) for n in range(2500)), size=500)
    engine.dispose()
    return url


@pytest.fixture
def public_key(folder: Path) -> str:
    """The public half of the key in "key.pem"."""
    return call("ledger", "keygen", "key.pem").stdout.strip()
