"""Verification finds changes by someone with write access to the database."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit.checkpoints import Checkpoint, SignedCheckpoint, sign_checkpoint
from cookiegate.ledger.audit.findings import LedgerFinding, Verification
from cookiegate.ledger.audit.operations import checkpoint, erase, prune
from cookiegate.ledger.audit.removals import NO_REMOVAL, Removal, Span, StoredRemoval
from cookiegate.ledger.audit.signing import Signer, make_key
from cookiegate.ledger.audit.verify import check_receipt, verify
from cookiegate.ledger.receipts import dump_receipt, leaf_hash
from cookiegate.ledger.storage.store import Store
from cookiegate.ledger.storage.tables import receipts, removals
from tests.ledger.books import PAGE, SIGNER, execute, fill, items, made, receipt
from tests.registries import DAY, NOON

OTHER = Signer(make_key())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = made(url)
    yield engine
    engine.dispose()


@pytest.fixture
def writers(engine: Engine) -> list[str]:
    """Two writers with ten receipts and six."""
    return sorted(fill(engine, map(receipt, range(10)), map(receipt, range(10, 16))))


def signed(engine: Engine) -> SignedCheckpoint:
    return checkpoint(engine, SIGNER, now=NOON)[0]


def found(engine: Engine, *checkpoints: SignedCheckpoint) -> LedgerFinding:
    seen = verify(engine, checkpoints=checkpoints, trusted=[SIGNER.public])
    assert seen.finding is not None
    assert not seen.is_anchored
    return seen.finding


def writer_of(engine: Engine, id: str) -> str:
    row = Store(engine).find(id)
    assert row is not None
    return row.writer


def test_an_unchanged_ledger_is_intact(engine: Engine, writers: list[str]) -> None:
    reported: list[int] = []
    seen = verify(engine, progress=reported.append)
    assert seen.finding is None
    assert (seen.receipts, seen.erased, seen.presentations) == (16, 0, 1)
    assert [head.writer for head in seen.heads] == writers
    assert not seen.is_anchored


def test_an_empty_ledger_is_intact(engine: Engine) -> None:
    assert verify(engine) == Verification(finding=None)


def test_grants_by_code_without_evidence_are_counted(engine: Engine) -> None:
    by_code = {"surface": "code", "presentation": None, "language": None}
    fill(
        engine,
        [
            receipt(0),
            receipt(1, **by_code),
            receipt(2, **by_code, evidence="paper form 4711"),
            receipt(3, **by_code, kind="refusal", granted=()),
        ],
    )
    assert verify(engine).without_evidence == 1


def test_progress_is_reported(engine: Engine) -> None:
    fill(engine, map(receipt, range(2001)), size=500)
    reported: list[int] = []
    verify(engine, progress=reported.append)
    assert reported == [1000, 2000]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("body = :body", "changed"),
        ("salt = :salt", "changed"),
        ("link = :link", "changed"),
        ("id = 'someone'", "changed"),
        ("time = time + 1", "changed"),
        ("closes = 'another'", "changed"),
        ("body = NULL, salt = NULL, id = NULL, time = NULL, leaf = :link", "removed"),
        ("salt = NULL", "removed"),
        ("body = :garbage", "changed"),
        ("body = :unreadable", "changed"),
    ],
)
def test_a_changed_receipt_is_named(
    engine: Engine, writers: list[str], change: str, what: str
) -> None:
    body = dump_receipt(receipt(5, granted=("analysis", "marketing"), refused=()))
    values = {"body": body, "salt": b"s" * 16, "link": b"l" * 32, "garbage": b"{"}
    values["unreadable"] = b'{"id":"\xff"}'
    used = {name: value for name, value in values.items() if f":{name}" in change}
    writer = writer_of(engine, "r5")
    execute(engine, f"UPDATE cookiegate_receipts SET {change} WHERE id = 'r5'", **used)
    finding = found(engine)
    assert (finding.what, finding.writer, finding.number) == (what, writer, 5)


@pytest.mark.parametrize(
    "change",
    [
        *("salt = 'text'", "salt = 5", "body = 'text'", "link = 9e18", "link = 9000000000000000"),
        *("id = x'ff'", "id = CAST(x'ff' AS TEXT)", "closes = x'ff'", "time = 'soon'"),
    ],
)
def test_a_value_of_the_wrong_type_is_a_change(tmp_path: Path, change: str) -> None:
    engine = made(f"sqlite:///{tmp_path}/types.db")
    (writer,) = fill(engine, map(receipt, range(8)))
    execute(engine, f"UPDATE cookiegate_receipts SET {change} WHERE number = 5")
    finding = found(engine)
    assert (finding.what, finding.writer, finding.number) == ("changed", writer, 5)
    assert finding.receipt is None or isinstance(finding.receipt, str)
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("presentations SET html = 9000000000000000", "a presentation was changed"),
        ("receipts SET writer = x'ff' WHERE id = 'r9'", "changed"),
        ("removals SET body = 9000000000000000", "a record of a removal is not whole"),
        ("removals SET signature = 'text'", "a record of a removal is not whole"),
        ("removals SET key = 5", "a record of a removal is not whole"),
    ],
)
def test_a_value_of_the_wrong_type_in_other_tables_is_found(
    tmp_path: Path, change: str, what: str
) -> None:
    engine = made(f"sqlite:///{tmp_path}/types.db")
    fill(engine, map(receipt, range(8)))
    erased(engine)
    fill(engine, [receipt(9)])
    execute(engine, f"UPDATE cookiegate_{change}")
    assert found(engine).what == what
    engine.dispose()


def test_the_first_of_several_changes_is_named(engine: Engine, writers: list[str]) -> None:
    for id in ("r7", "r3"):
        execute(
            engine, "UPDATE cookiegate_receipts SET salt = :salt WHERE id = :id", salt=b"s", id=id
        )
    assert found(engine).receipt == "r3"


@pytest.mark.parametrize("number", [0, 5])
def test_a_removed_receipt_is_named_by_its_number(
    engine: Engine, writers: list[str], number: int
) -> None:
    writer = writer_of(engine, f"r{number}")
    execute(engine, "DELETE FROM cookiegate_receipts WHERE id = :id", id=f"r{number}")
    finding = found(engine)
    assert (finding.what, finding.writer, finding.number) == ("removed", writer, number)
    assert finding.detail == f"the next one is number {number + 1}"


def test_a_receipt_before_number_0_is_named(engine: Engine, writers: list[str]) -> None:
    writer = writer_of(engine, "r9")
    execute(engine, "UPDATE cookiegate_receipts SET number = -1 WHERE id = 'r9'")
    finding = found(engine)
    assert (finding.what, finding.writer, finding.receipt) == ("slipped in", writer, "r9")
    assert finding.detail == "the next one is number -1"


MOVED = "salt", "body", "id", "time", "closes"


@pytest.mark.parametrize("columns", [MOVED, (*MOVED, "link")])
@pytest.mark.parametrize(("one", "other"), [(2, 3), (1, 9)])
def test_reordered_receipts_are_named(
    engine: Engine, writers: list[str], one: int, other: int, columns: tuple[str, ...]
) -> None:
    with engine.begin() as connection:
        rows = {
            number: connection.execute(select(receipts).where(receipts.c.id == f"r{number}")).one()
            for number in (one, other)
        }
        for number in (one, other):
            place = (receipts.c.writer == rows[number].writer) & (receipts.c.number == number)
            # Ids are unique, so both are replaced first.
            connection.execute(receipts.update().where(place).values(id=f"x{number}"))
        for number, source in ((one, other), (other, one)):
            place = (receipts.c.writer == rows[number].writer) & (receipts.c.number == number)
            values = {column: getattr(rows[source], column) for column in columns}
            connection.execute(receipts.update().where(place).values(**values))
    finding = found(engine)
    assert (finding.what, finding.number, finding.receipt) == ("reordered", one, f"r{other}")


def test_an_inserted_receipt_is_named(engine: Engine, writers: list[str]) -> None:
    writer = writer_of(engine, "r5")
    execute(engine, "DELETE FROM cookiegate_receipts WHERE id = 'r9'")
    execute(engine, "UPDATE cookiegate_receipts SET number = 9 WHERE id = 'r8'")
    body = dump_receipt(receipt(8, id="new"))
    execute(
        engine,
        "INSERT INTO cookiegate_receipts (writer, number, id, time, salt, body, link) "
        "VALUES (:writer, 8, 'new', :time, :salt, :body, :link)",
        **{"writer": writer, "time": NOON + 8, "salt": b"s" * 16, "body": body, "link": b"l" * 32},
    )
    finding = found(engine)
    assert (finding.what, finding.number, finding.receipt) == ("reordered", 8, "new")


def test_only_a_checkpoint_finds_a_truncated_chain(engine: Engine, writers: list[str]) -> None:
    before = signed(engine)
    writer = writer_of(engine, "r9")
    execute(engine, "DELETE FROM cookiegate_receipts WHERE id = 'r9'")
    assert verify(engine).finding is None
    finding = found(engine, before)
    assert (finding.what, finding.writer) == ("removed", writer)
    assert "10 receipts" in finding.detail


def test_only_a_checkpoint_finds_a_missing_chain(engine: Engine, writers: list[str]) -> None:
    before = signed(engine)
    execute(engine, "DELETE FROM cookiegate_receipts WHERE writer = :writer", writer=writers[1])
    assert verify(engine).finding is None
    assert (found(engine, before).what, found(engine, before).writer) == ("removed", writers[1])


def test_only_a_checkpoint_finds_a_rewritten_chain(url: str) -> None:
    engine = made(url)
    (writer,) = fill(engine, map(receipt, range(8)))
    before = signed(engine)
    execute(engine, "DELETE FROM cookiegate_receipts")
    store = Store(engine)
    store.append(store.chain_end(writer), items(receipt(n, granted=()) for n in range(8)))
    assert verify(engine).finding is None
    finding = found(engine, before)
    assert (finding.what, finding.writer, finding.number) == ("changed", writer, 7)
    engine.dispose()


def test_a_checkpoint_anchors_earlier_receipts(engine: Engine, writers: list[str]) -> None:
    first = signed(engine)
    fill(engine, map(receipt, range(20, 23)))
    seen = verify(engine, checkpoints=[first], trusted=[SIGNER.public])
    assert (seen.finding, seen.receipts, seen.anchored) == (None, 19, 16)
    assert seen.is_anchored
    both = verify(engine, checkpoints=[first, signed(engine)], trusted=[SIGNER.public])
    assert both.anchored == 19


def test_a_checkpoint_without_a_trusted_key_anchors_nothing(
    engine: Engine, writers: list[str]
) -> None:
    seen = verify(engine, checkpoints=[signed(engine)])
    assert seen.finding is None
    assert not seen.is_anchored


def test_a_changed_checkpoint_is_a_finding(engine: Engine, writers: list[str]) -> None:
    import msgspec

    good = signed(engine)
    changed = msgspec.structs.replace(
        good, checkpoint=Checkpoint(**{**msgspec.structs.asdict(good.checkpoint), "time": 1})
    )
    assert found(engine, changed).what == "a checkpoint is not what was signed"
    for signature in ("00", "no digits"):
        unsigned = msgspec.structs.replace(good, signature=signature)
        assert found(engine, unsigned).what == "a checkpoint is not what was signed"


def test_a_checkpoint_with_another_key_is_a_finding(engine: Engine, writers: list[str]) -> None:
    other = checkpoint(engine, OTHER, now=NOON)[0]
    assert found(engine, other).detail == OTHER.public


def test_an_erasure_with_a_record_is_no_finding(engine: Engine, writers: list[str]) -> None:
    before = signed(engine)
    store = Store(engine)
    rows = [store.find(id) for id in ("r2", "r3", "r12")]
    erase(engine, [row for row in rows if row is not None], SIGNER, now=NOON)
    seen = verify(engine, checkpoints=[before, signed(engine)], trusted=[SIGNER.public])
    assert (seen.finding, seen.erased, seen.removals) == (None, 3, 1)
    assert seen.keys == (SIGNER.public,)
    assert store.find("r2") is None


def erased(engine: Engine) -> None:
    row = Store(engine).find("r2")
    assert row is not None
    erase(engine, [row], SIGNER, now=NOON)
    prune(engine, SIGNER, keep_seconds=0, now=NOON + DAY)


@pytest.mark.parametrize("column", ["id", "closes"])
def test_values_left_of_an_erased_receipt_are_a_finding(
    engine: Engine, writers: list[str], column: str
) -> None:
    erased(engine)
    execute(
        engine,
        f"UPDATE cookiegate_receipts SET {column} = 'r2' WHERE number = 2 AND id IS NULL "
        "AND writer = :writer",
        writer=writers[0],
    )
    assert found(engine).detail == "an erased receipt has values left"


@pytest.mark.parametrize(("kept", "number"), [("number < 7", 7), ("number < 0", 0)])
def test_a_chain_truncated_before_an_erased_receipt_is_found(
    engine: Engine, kept: str, number: int
) -> None:
    (writer,) = fill(engine, map(receipt, range(10)))
    row = Store(engine).find("r8")
    assert row is not None
    erase(engine, [row], SIGNER, now=NOON)
    assert verify(engine).finding is None
    execute(engine, f"DELETE FROM cookiegate_receipts WHERE NOT {kept}")
    finding = found(engine)
    assert (finding.what, finding.writer, finding.number) == ("removed", writer, number)
    assert "number 8 was erased" in finding.detail


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (5, 4)])
def test_a_record_of_impossible_receipts_is_a_finding(
    engine: Engine, writers: list[str], first: int, last: int
) -> None:
    span = Span(writer=writers[0], first=first, last=last)
    body = msgspec.json.encode(
        Removal(number=0, time=NOON, reason="erasure", previous=NO_REMOVAL, spans=(span,))
    )
    with engine.begin() as connection:
        values = {"body": body, "signature": SIGNER.sign("removal", body)}
        key = bytes.fromhex(SIGNER.public)
        connection.execute(removals.insert().values(number=0, key=key, **values))
    assert found(engine).detail == "it names receipts that cannot exist"


def test_overlapping_records_cover_all_of_their_receipts(
    engine: Engine,
) -> None:
    (writer,) = fill(engine, map(receipt, range(10)))
    prune(engine, SIGNER, keep_seconds=0, now=NOON + DAY)
    previous = NO_REMOVAL
    with engine.begin() as connection:
        connection.execute(removals.delete())
        for number, (first, last) in enumerate([(2, 9), (0, 5), (1, 1)]):
            span = Span(writer=writer, first=first, last=last)
            body = msgspec.json.encode(
                Removal(number=number, time=NOON, reason="prune", previous=previous, spans=(span,))
            )
            signature, key = SIGNER.sign("removal", body), bytes.fromhex(SIGNER.public)
            connection.execute(
                removals.insert().values(number=number, body=body, signature=signature, key=key)
            )
            previous = StoredRemoval(
                number=number, body=body, signature=signature, key=SIGNER.public
            ).hash
    seen = verify(engine)
    assert (seen.finding, seen.erased) == (None, 10)


def test_a_restored_receipt_is_a_finding(engine: Engine, writers: list[str]) -> None:
    row = Store(engine).find("r2")
    assert row is not None
    assert row.salt is not None
    assert row.body is not None
    erased(engine)
    execute(
        engine,
        "UPDATE cookiegate_receipts SET id = 'r2', time = :time, salt = :salt, body = :body "
        "WHERE writer = :writer AND number = 2",
        **{"time": row.time, "salt": row.salt, "body": row.body, "writer": row.writer},
    )
    assert leaf_hash(row.salt, row.body) == row.hash
    assert found(engine).detail == "a record says that it is erased"


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("DELETE FROM cookiegate_removals WHERE number = 0", "a number is missing"),
        ("UPDATE cookiegate_removals SET number = 7 WHERE number = 1", "a number is missing"),
        ("UPDATE cookiegate_removals SET body = :bytes WHERE number = 1", "it cannot be read"),
        ("UPDATE cookiegate_removals SET body = :unreadable", "it cannot be read"),
        (
            "UPDATE cookiegate_removals SET signature = :bytes WHERE number = 1",
            "its signature is not valid",
        ),
        (
            "UPDATE cookiegate_removals SET signature = :bytes WHERE number = 0",
            "its signature is not valid",
        ),
        (
            "UPDATE cookiegate_removals SET key = :bytes WHERE number = 0",
            "its signature is not valid",
        ),
    ],
)
def test_a_changed_removal_record_is_a_finding(
    engine: Engine, writers: list[str], statement: str, detail: str
) -> None:
    erased(engine)
    values = {"bytes": b"x" * 32, "unreadable": b'{"reason":"\xff"}'}
    execute(engine, statement, **{name: values[name] for name in values if f":{name}" in statement})
    finding = found(engine)
    assert (finding.what, finding.detail) == ("a record of a removal is not whole", detail)


def test_a_record_has_to_follow_from_the_previous_one(engine: Engine, writers: list[str]) -> None:
    erased(engine)
    with engine.begin() as connection:
        from cookiegate.ledger.storage.tables import removals

        rows = connection.execute(select(removals).order_by(removals.c.number)).all()
        # Signed with the same key, but not the record that the next one refers to.
        import msgspec

        from cookiegate.ledger.audit.removals import load_removal

        other = msgspec.json.encode(
            msgspec.structs.replace(load_removal(bytes(rows[0].body)), time=1)
        )
        connection.execute(
            removals.update()
            .where(removals.c.number == 0)
            .values(body=other, signature=SIGNER.sign("removal", other))
        )
    finding = found(engine)
    assert (finding.number, finding.detail) == (1, "it does not follow from the previous record")


def test_a_record_with_another_key_is_a_finding(engine: Engine, writers: list[str]) -> None:
    prune(engine, OTHER, keep_seconds=0, now=NOON + DAY)
    assert OTHER.public in found(engine).detail
    assert verify(engine).finding is None


def test_a_deleted_record_makes_its_receipts_missing(engine: Engine, writers: list[str]) -> None:
    erased(engine)
    before = signed(engine)
    execute(engine, "DELETE FROM cookiegate_removals")
    assert found(engine).what == "removed"
    assert found(engine, before).what == "a record of a removal was removed"


def test_a_checkpoint_covers_removal_records(engine: Engine, writers: list[str]) -> None:
    row = Store(engine).find("r2")
    assert row is not None
    erase(engine, [row], SIGNER, now=NOON)
    before = signed(engine)
    import msgspec

    wrong = sign_checkpoint(msgspec.structs.replace(before.checkpoint, removed="00" * 32), SIGNER)
    assert found(engine, wrong).detail == "a checkpoint has another record in its place"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE cookiegate_presentations SET html = :html", "a presentation was changed"),
        ("DELETE FROM cookiegate_presentations", "a presentation was removed"),
    ],
)
def test_presentations_are_verified(
    engine: Engine, writers: list[str], statement: str, what: str
) -> None:
    values = {"html": b"<p>All is well.</p>"} if ":html" in statement else {}
    execute(engine, statement, **values)
    assert found(engine).what == what


def test_a_damaged_ledger_is_not_signed(engine: Engine, writers: list[str]) -> None:
    from cookiegate.ledger import LedgerError

    execute(engine, "DELETE FROM cookiegate_receipts WHERE id = 'r3'")
    with pytest.raises(LedgerError, match="not intact"):
        checkpoint(engine, SIGNER, now=NOON)


def checked(engine: Engine, *checkpoints: SignedCheckpoint) -> Verification:
    seen = verify(engine, checkpoints=checkpoints, trusted=[SIGNER.public])
    assert seen.finding is None
    return seen


def test_receipts_that_no_checkpoint_covers_are_counted_by_writer(engine: Engine) -> None:
    (writer,) = fill(engine, map(receipt, range(10)))
    first = signed(engine)
    store = Store(engine)
    store.append(
        store.chain_end(writer),
        items([receipt(20), receipt(21, kind="withdrawal", granted=())]),
    )
    (other,) = fill(engine, map(receipt, range(22, 25)))
    seen = checked(engine, first)
    assert {(one.writer, one.first, one.receipts, one.grants) for one in seen.unanchored} == {
        (writer, 10, 2, 1),
        (other, 0, 3, 3),
    }
    assert checked(engine, first, signed(engine)).unanchored == ()
    assert verify(engine, checkpoints=[first]).unanchored == ()


@pytest.mark.parametrize("hours", [1, 30, 24 * 400])
def test_a_grant_dated_before_the_checkpoint_that_it_follows_is_named(
    engine: Engine, hours: int
) -> None:
    (writer,) = fill(engine, map(receipt, range(4)))
    before = checkpoint(engine, SIGNER, now=NOON + 60)[0]
    store = Store(engine)
    forged = receipt(4, id="forged", time=NOON - hours * 3600)
    store.append(store.chain_end(writer), items([receipt(3600), forged]))
    # Also in a chain of its own, and hidden among refusals.
    fill(engine, [receipt(5, kind="refusal", time=NOON - hours * 3600)])
    seen = checked(engine, before)
    assert seen.is_anchored
    assert seen.is_backdated
    odd = {one.kind: one for one in seen.anomalies}
    assert (odd["before its checkpoint"].receipts, odd["before its checkpoint"].grants) == (2, 2)
    found = odd["out of order"]
    assert (found.receipt, found.number, found.writer) == ("forged", 5, writer)
    assert found.time == NOON - hours * 3600
    assert not verify(engine, checkpoints=[before]).is_backdated


def test_receipts_from_the_spool_are_named_and_are_no_forged_grants(engine: Engine) -> None:
    fill(engine, [receipt(0)])
    before = checkpoint(engine, SIGNER, now=NOON + 3600)[0]
    fill(
        engine,
        [
            receipt(1, kind="withdrawal", granted=()),
            # Of a refusal only the day is known.
            receipt(2, kind="refusal", granted=(), time=NOON - NOON % DAY),
        ],
    )
    seen = checked(engine, before)
    (odd,) = seen.anomalies
    assert (odd.kind, odd.receipts, odd.grants) == ("before its checkpoint", 1, 0)
    assert odd.receipt == "r1"
    assert not seen.is_backdated


def test_clocks_that_differ_are_named(engine: Engine) -> None:
    fill(engine, [receipt(7200), receipt(3), receipt(4)], [receipt(90_000)])
    ahead = checkpoint(engine, SIGNER, now=NOON + 7300)[0]
    seen = checked(engine, ahead)
    odd = {one.kind: (one.receipts, one.receipt) for one in seen.anomalies}
    assert odd == {"out of order": (2, "r3"), "after its checkpoint": (1, "r90000")}
    assert not seen.is_backdated


def test_seconds_between_clocks_are_no_anomaly(engine: Engine) -> None:
    fill(engine, [receipt(50), receipt(0)])
    before = checkpoint(engine, SIGNER, now=NOON + 10)[0]
    fill(engine, [receipt(1)])
    assert checked(engine, before).anomalies == ()


def test_grants_by_code_are_counted(engine: Engine) -> None:
    by_code = {"surface": "code", "presentation": None, "language": None}
    fill(
        engine,
        [
            receipt(0),
            receipt(1, **by_code),
            receipt(2, **by_code, evidence="form"),
            receipt(3, **by_code, kind="refusal", granted=()),
        ],
    )
    seen = verify(engine)
    assert (seen.by_code, seen.without_evidence) == (2, 1)


def rewritten(engine: Engine, writer: str) -> None:
    """Replace the whole history by a consistent one."""
    execute(engine, "DELETE FROM cookiegate_receipts")
    store = Store(engine)
    store.append(store.chain_end(writer), items(receipt(n, granted=()) for n in range(12)))


def test_a_checkpoint_continues_the_one_before_it(engine: Engine) -> None:
    (writer,) = fill(engine, map(receipt, range(8)))
    first = signed(engine)
    store = Store(engine)
    store.append(store.chain_end(writer), items([receipt(8)]))
    second, _ = checkpoint(engine, SIGNER, now=NOON + 9, previous=[first])
    assert checked(engine, first, second).anchored == 9
    rewritten(engine, writer)
    for previous in ([first], [second], [first, second]):
        with pytest.raises(LedgerError, match="is not signed: changed"):
            checkpoint(engine, SIGNER, now=NOON + 10, previous=previous)
    # Without an earlier checkpoint nothing shows that the history is another.
    checkpoint(engine, SIGNER, now=NOON + 10)


def test_a_checkpoint_continues_only_what_a_trusted_key_has_signed(engine: Engine) -> None:
    fill(engine, map(receipt, range(3)))
    other = checkpoint(engine, OTHER, now=NOON)[0]
    with pytest.raises(LedgerError, match="signed by another key"):
        checkpoint(engine, SIGNER, now=NOON, previous=[other])
    checkpoint(engine, SIGNER, now=NOON, previous=[other], trusted=[OTHER.public])
    row = Store(engine).find("r1")
    assert row is not None
    erase(engine, [row], OTHER, now=NOON)
    with pytest.raises(LedgerError, match="a record of a removal is not whole"):
        checkpoint(engine, SIGNER, now=NOON, previous=[signed(engine)])
    checkpoint(engine, SIGNER, now=NOON, previous=[signed(engine)], trusted=[OTHER.public])


def test_a_checkpoint_is_not_dated_before_the_one_that_it_continues(engine: Engine) -> None:
    fill(engine, [receipt(0)])
    with pytest.raises(LedgerError, match="dated after this one; correct the clock"):
        checkpoint(engine, SIGNER, now=NOON - 1, previous=[signed(engine)])


@pytest.mark.parametrize(
    ("statement", "what", "detail"),
    [
        ("receipts SET salt = :bytes WHERE id = 'r2'", "changed", "does not follow from the prev"),
        ("receipts SET link = :bytes WHERE id = 'r2'", "changed", "does not follow from the prev"),
        ("receipts SET salt = :bytes WHERE id = 'r3'", "changed", "the next receipt does not"),
        ("receipts SET time = time + 1 WHERE id = 'r2'", "changed", "columns differ"),
        ("receipts SET number = 90 WHERE id = 'r1'", "removed", "the previous receipt is missing"),
        ("receipts SET body = :bytes WHERE id = 'r2'", "changed", "cannot be read"),
        ("presentations SET html = :bytes", "a presentation was changed", PAGE.hash),
        ("presentations SET hash = 'x'", "a presentation was removed", PAGE.hash),
    ],
)
def test_one_receipt_is_checked_with_its_neighbours_and_its_page(
    engine: Engine, statement: str, what: str, detail: str
) -> None:
    (writer,) = fill(engine, [receipt(n, presentation=None) for n in range(2)] + [receipt(2)])
    store = Store(engine)
    store.append(store.chain_end(writer), items([receipt(3)]))
    rows = [store.find(f"r{n}") for n in range(4)]
    assert [check_receipt(store, row) for row in rows if row] == [None] * 4
    values = {"bytes": b"b" * 16} if ":bytes" in statement else {}
    execute(engine, f"UPDATE cookiegate_{statement}", **values)
    row = store.find("r2")
    assert row is not None
    found = check_receipt(store, row)
    assert found is not None
    assert (found.what, found.writer, found.number) == (what, writer, 2)
    assert detail in found.detail


def test_a_receipt_without_a_valid_number_is_a_change(tmp_path: Path) -> None:
    engine = made(f"sqlite:///{tmp_path}/types.db")
    fill(engine, map(receipt, range(3)))
    execute(engine, "UPDATE cookiegate_receipts SET number = 'x' WHERE id = 'r2'")
    row = Store(engine).find("r2")
    assert row is not None
    found = check_receipt(Store(engine), row)
    assert found is not None
    assert found.detail == "its number is not valid"
    engine.dispose()
