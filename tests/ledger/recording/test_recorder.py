"""The ledger as a recorder: choices are kept or refused."""

import asyncio
import logging
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cookiegate import NotKeptError
from cookiegate.consent.choice import Choice
from cookiegate.ledger import Health, Ledger, LedgerError, Receipt
from cookiegate.ledger.receipts import load_receipt, page_hash
from cookiegate.ledger.recording.limits import Limits
from cookiegate.ledger.recording.process import LedgerProcess
from cookiegate.ledger.storage.database import open_engine, upgrade
from cookiegate.ledger.storage.store import Store
from tests.ledger.choices import (
    PAGE,
    Outage,
    OutageLedger,
    OutageProcess,
    choosing,
    granting,
    in_sqlite,
    texts,
    until,
    withdrawing,
)
from tests.ledger.conftest import Commit, Make
from tests.registries import DAY, NOON

KEY = "a key of its own for the hashes of addresses"


def receipt(kept: Store, choice: Choice) -> Receipt | None:
    row = kept.find(choice.receipt)
    return None if row is None else load_receipt(row.body or b"")


@pytest.mark.parametrize(
    ("choice", "kind", "time"),
    [
        (choosing("analysis", presentation=PAGE), "grant", NOON),
        (choosing("marketing", before=("analysis",), presentation=PAGE), "change", NOON),
        (choosing(before=("analysis",), presentation=PAGE), "withdrawal", NOON),
        (choosing(presentation=PAGE), "refusal", NOON - NOON % DAY),
    ],
)
def test_every_choice_leaves_a_receipt_when_it_takes_effect(
    make: Make, kept: Store, commit: Commit, choice: Choice, kind: str, time: int
) -> None:
    ledger = make()
    commit(ledger, choice)
    found = receipt(kept, choice)
    assert found is not None
    assert (found.kind, found.time, found.id) == (kind, time, choice.receipt)
    assert (found.presentation, found.closes) == (page_hash(PAGE.html or ""), choice.before.receipt)
    assert kept.presentation(found.presentation or "") is not None
    # The choice may take effect shortly before the writer has counted it.
    until(lambda: not ledger.health().waiting)
    assert ledger.health() == Health(
        is_away=False, is_full=False, committed=1, waiting=0, refused=0, accepted=0, lost=0
    )


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, None),
        ({"address": "truncated"}, "192.0.2.0/24"),
        (
            {"address": "hashed", "address_key": KEY},
            # printf '\xc0\x00\x02\x4d' | openssl dgst -sha256 -hmac "$KEY"
            "377707bfbe99e3c6f53889cba04926f95a4e037b20d991615ab40db0bae4d870",
        ),
    ],
)
def test_an_address_is_kept_as_configured(
    make: Make, kept: Store, commit: Commit, options: dict[str, Any], wanted: str | None
) -> None:
    choice = choosing("analysis", address="192.0.2.77")
    commit(make(**options), choice)
    found = receipt(kept, choice)
    assert found is not None
    assert found.address == wanted
    assert b"192.0.2.77" not in next(kept.bodies())


def test_concurrent_choices_share_commits_and_are_all_kept(
    make: Make, kept: Store, outage: Outage
) -> None:
    ledger = make()
    choices = [granting() for _ in range(40)]
    outage.hold()
    threads = [threading.Thread(target=ledger.commit, args=(choice,)) for choice in choices]
    for thread in threads:
        thread.start()
    outage.goes_on.set()
    for thread in threads:
        thread.join()
    assert kept.known(choice.receipt for choice in choices) == {one.receipt for one in choices}
    assert kept.count() == 40
    assert ledger.health().committed == 40


def test_a_grant_waits_until_it_is_committed(
    make: Make, kept: Store, outage: Outage, commit: Commit
) -> None:
    ledger, choice = make(timeout=60), granting()
    outage.hold()
    thread = threading.Thread(target=commit, args=(ledger, choice))
    thread.start()
    assert outage.is_reached.wait(60)
    assert thread.is_alive()
    assert kept.count() == 0
    outage.goes_on.set()
    thread.join()
    assert receipt(kept, choice) is not None
    assert ledger.health().refused == 0


def test_the_event_loop_runs_during_a_slow_commit(make: Make, kept: Store, outage: Outage) -> None:
    ledger, choice, ticks = make(timeout=60), granting(), 0

    async def choose() -> None:
        nonlocal ticks
        outage.hold()
        task = asyncio.create_task(ledger.asgi.commit(choice))
        # The loop runs while the commit waits.
        while not outage.is_reached.is_set() or ticks < 200:
            await asyncio.sleep(0)
            ticks += 1
        assert not task.done()
        outage.goes_on.set()
        await task

    asyncio.run(choose())
    assert ticks >= 200
    assert receipt(kept, choice) is not None


def test_a_closed_ledger_starts_again(make: Make, kept: Store, commit: Commit) -> None:
    ledger = make()
    ledger.close()
    for _ in range(2):
        commit(ledger, granting())
        ledger.close()
        assert ledger.process is None
    assert kept.count() == 2


def test_concurrent_threads_start_a_ledger_once(make: Make) -> None:
    called: list[None] = []
    started: list[LedgerProcess] = []
    goes_on = threading.Event()

    class Slow(OutageProcess):
        def __init__(self, ledger: OutageLedger) -> None:
            started.append(self)
            assert goes_on.wait(60)
            super().__init__(ledger)

    ledger = make(process=Slow)
    found: list[LedgerProcess] = []

    def start() -> None:
        called.append(None)
        found.append(ledger.start())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    until(lambda: len(called) == 8)
    goes_on.set()
    for thread in threads:
        thread.join()
    assert found == started * 8


def test_below_min_free_bytes_only_withdrawals_are_accepted(
    make: Make, kept: Store, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 99
    usage = shutil._ntuple_diskusage

    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1000, 1000 - free, free))
    for on_unavailable in ("refuse", "accept"):
        ledger = make(
            min_free_bytes=100,
            on_unavailable=on_unavailable,
            limits=Limits(rest_seconds=0.01, space_seconds=-1.0),
        )
        with pytest.raises(NotKeptError):
            commit(ledger, granting())
        taken = withdrawing()
        commit(ledger, taken)
        assert receipt(kept, taken) is not None
        assert ledger.health().is_full
        assert (ledger.health().refused, ledger.health().accepted) == (1, 0)
    free = 100
    commit(ledger, granting())
    assert not ledger.health().is_full


def test_free_space_is_measured_for_file_and_spool_and_not_for_each_choice(
    tmp_path: Path, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    usage = shutil._ntuple_diskusage

    def look(path: Path) -> Any:
        looked.append(path.name)
        return usage(1000, 0, 1000)

    monkeypatch.setattr(shutil, "disk_usage", look)
    (tmp_path / "data").mkdir()
    ledger = OutageLedger(
        f"sqlite:///{tmp_path}/data/c.db",
        outage,
        limits=Limits(space_seconds=3600.0),
        spool=tmp_path / "s/t",
        min_free_bytes=9,
    )
    shutil.rmtree(tmp_path / "s")
    for _ in range(3):
        ledger.commit(granting())
    # The nearest existing parent is measured instead of a missing folder.
    assert looked == [tmp_path.name, "data"]
    ledger.close()


@in_sqlite
def test_a_disk_that_cannot_be_measured_counts_as_full(
    make: Make, commit: Commit, errors: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(path: Path) -> None:
        raise OSError("Stale file handle")

    monkeypatch.setattr(shutil, "disk_usage", stale)
    ledger = make(min_free_bytes=1)
    with pytest.raises(NotKeptError):
        commit(ledger, granting())
    commit(ledger, withdrawing())
    assert ledger.health().is_full
    assert set(texts(errors)) == {"Stale file handle"}


def test_the_spool_is_beside_the_file_or_where_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: list[Exception]
) -> None:
    monkeypatch.chdir(tmp_path)
    Ledger("sqlite:///deep/consent.db", on_error=errors.append)
    assert (tmp_path / "deep/consent.db.spool").is_dir()
    Ledger("postgresql://u@/db?host=/nowhere", on_error=errors.append)
    assert (tmp_path / "cookiegate-spool").is_dir()
    Ledger("sqlite:///deep/consent.db", spool="here", on_error=errors.append)
    assert (tmp_path / "here").is_dir()
    assert len(errors) == 1  # the server does not exist


def test_a_spool_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="folder cannot be created"):
        Ledger(f"sqlite:///{tmp_path}/consent.db", spool=tmp_path / "file/spool")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"on_unavailable": "ask"}, "on_unavailable is 'ask'; write 'refuse' or 'accept'"),
        ({"address": "all"}, "write 'none', 'truncated' or 'hashed'"),
        ({"address": "hashed"}, "needs an address_key"),
    ],
)
def test_an_invalid_option_is_an_error(tmp_path: Path, options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Ledger(f"sqlite:///{tmp_path}/consent.db", **options)


def test_an_unusable_database_is_reported_at_once(tmp_path: Path) -> None:
    for url in ("sqlite://", "mysql://h/db", "nonsense"):
        with pytest.raises(LedgerError):
            Ledger(url)
    with (tmp_path / "consent.db").open("wb") as file:
        file.write(b"This is no database, but a letter. " * 100)
    problems: list[Exception] = []
    Ledger(f"sqlite:///{tmp_path}/consent.db", on_error=problems.append)
    assert "file is not a database" in str(problems[0])


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_error_for_a_postgresql_without_tables_names_the_command(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(LedgerError, match="run: cookiegate ledger upgrade"):
        Ledger(url, spool=tmp_path / "spool")


def test_a_database_that_is_reached_later_is_checked_then(
    tmp_path: Path, errors: list[Exception], commit: Commit
) -> None:
    url = f"sqlite:///{tmp_path}/mount/consent.db"
    ledger = Ledger(url, spool=tmp_path / "spool", on_error=errors.append, timeout=60)
    assert ledger.health().is_away
    with pytest.raises(NotKeptError):
        commit(ledger, granting())
    commit(ledger, withdrawing())
    (tmp_path / "mount").mkdir()
    until(lambda: not ledger.health().is_away and not ledger.health().waiting)
    commit(ledger, granting())
    assert ledger.health().committed == 2
    ledger.close()


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_error_of_a_late_database_is_reported_once(
    url: str, tmp_path: Path, errors: list[Exception], outage: Outage
) -> None:
    upgraded = open_engine(url)

    class Late(Ledger):
        def check(self) -> bool:
            return False

    ledger = Late(url, spool=tmp_path, on_error=errors.append)
    (tmp_path / "x").touch()
    ledger.start()
    until(lambda: bool(errors))
    assert "run: cookiegate ledger upgrade" in str(errors[0])
    assert ledger.health().is_away
    upgrade(upgraded)
    upgraded.dispose()
    until(lambda: not ledger.health().is_away)
    assert len(errors) == 1
    ledger.close()


def test_no_repr_contains_a_password(tmp_path: Path, errors: list[Exception]) -> None:
    ledger = Ledger(
        "postgresql://u:hunter2@/db?host=/nowhere",
        spool=tmp_path,
        address="hashed",
        address_key=KEY,
        on_error=errors.append,
    )
    parts = (ledger, ledger.asgi, ledger.options, ledger.start(), ledger.health(), errors)
    assert repr(parts[:2]) == "(<Ledger>, <AsyncLedger>)"
    for secret in ("hunter2", KEY):
        assert secret not in repr(parts)
        assert secret not in repr(vars(ledger.start()))
        assert secret not in str(errors[0])
    ledger.close()


def test_failures_are_logged_with_their_first_line_by_default(
    make: Make, outage: Outage, caplog: pytest.LogCaptureFixture, commit: Commit
) -> None:
    ledger = make(on_error=None, on_unavailable="accept", spool_bytes=2000)
    outage.is_down = True
    choices = [
        *(choosing("analysis", evidence=f"paper form {n}", presentation=PAGE) for n in range(3)),
        *(choosing(before=("analysis",), presentation=PAGE) for _ in range(3)),
    ]
    with caplog.at_level(logging.DEBUG):
        for choice in choices:
            with suppress(NotKeptError):  # half of the spool is for withdrawals
                commit(ledger, choice)
        away = "ledger: OperationalError: server closed the connection unexpectedly"
        until(lambda: away in [record.getMessage() for record in caplog.records])
    errors = {record.getMessage() for record in caplog.records if record.name == "cookiegate"}
    assert "ledger: RuntimeError: a grant was accepted without a committed receipt" in errors
    assert (
        "ledger: RuntimeError: receipts are lost (1): the spool is full or cannot be written"
        in errors
    )
    for choice in choices:
        for record in caplog.records:
            secrets = (choice.receipt, choice.before.receipt, "paper form", "Kakor")
            for secret in filter(None, secrets):
                assert secret not in record.getMessage()
