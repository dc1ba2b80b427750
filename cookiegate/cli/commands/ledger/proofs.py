"""`cookiegate ledger keygen`, `verify`, `checkpoint`, `prove` and `check`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any, Final

import click
import msgspec

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.console import TableRow, note_written, print_rows, progress_bar
from cookiegate.cli.escape import escape_control
from cookiegate.cli.files import FileKind, open_output
from cookiegate.cli.formatting import format_time, plural
from cookiegate.cli.options import json_option, output_option, write_json
from cookiegate.cli.render.receipt import receipt_rows, receipt_values
from cookiegate.ledger import LedgerError
from cookiegate.ledger.audit import operations, proofs
from cookiegate.ledger.audit.checkpoints import load_checkpoint
from cookiegate.ledger.audit.findings import Verification
from cookiegate.ledger.audit.signing import Signer, make_key
from cookiegate.ledger.audit.verify import verify as verify_ledger
from cookiegate.ledger.storage.store import Store

from .connection import ledger_option, open_ledger
from .keys import (
    key_option,
    parse_file,
    public_key_option,
    read_public_keys,
)
from .receipt_id import ReceiptCommand
from .receipt_page import page_option, write_page

# Writers that are listed one by one.
_MAX_ROWS: Final = 10
_ANOMALIES: Final = {
    "before its checkpoint": "{} dated before a checkpoint and not covered by it",
    "after its checkpoint": "{} covered by a checkpoint and dated after it",
    "out of order": "{} dated before an earlier one of the same writer",
}

__all__ = ["check", "checkpoint", "keygen", "prove", "verify"]


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger keygen ledger-key.pem",
    ],
)
@click.argument("file", type=click.Path())
def keygen(file: str) -> None:
    """Write a new private key to FILE, and print the public key.

    The key signs checkpoints and records of erasures. Do not keep it on the site's server: anyone
    with both the key and the database can rewrite the history.
    """
    pem = make_key()
    with open_output(file, FileKind.KEY, replace=False) as output:
        output.write(pem)
    note_written(file)
    click.echo(Signer(pem).public)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger verify --ledger sqlite:///consent.db",
        "cookiegate ledger verify --checkpoint 2026-11.json --public-key key.pem",
    ],
)
@ledger_option
@click.option(
    "--checkpoint",
    "checkpoints",
    metavar="FILE",
    multiple=True,
    type=click.Path(),
    help="A checkpoint that was kept elsewhere. May be repeated.",
)
@public_key_option
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 also if the ledger is not anchored, or a grant is dated before a checkpoint "
    "that does not cover it.",
)
@json_option
def verify(
    url: str,
    checkpoints: tuple[str, ...],
    public_keys: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Verify the whole ledger, and name the first receipt that was changed, removed or moved.

    Anyone who can write to the database could have rewritten all of it consistently. Only a
    checkpoint that was kept elsewhere, with the key that signed it, excludes that: it anchors the
    receipts that it covers. All others are counted, and so are receipts whose times do not fit.

    The exit code is 1 if something is wrong, with --strict also if the ledger is not anchored, or
    if a grant is dated before a checkpoint that does not cover it.
    """
    with (
        open_ledger(url) as engine,
        progress_bar("receipts verified", Store(engine).count) as progress,
    ):
        signed = [parse_file(path, load_checkpoint) for path in checkpoints]
        trusted = read_public_keys(public_keys)
        result = verify_ledger(engine, checkpoints=signed, trusted=trusted, progress=progress)
    if as_json:
        values = msgspec.to_builtins(result)
        whole = result.finding is None
        write_json({"whole": whole, "is_anchored": result.is_anchored, **values})
    else:
        print_rows(_verification_rows(result))
        if hint := _anchor_hint(result, bool(signed), bool(trusted)):
            click.echo(hint, err=True)
    is_doubtful = not result.is_anchored or result.is_backdated
    if result.finding is not None or (strict and is_doubtful):
        raise click.exceptions.Exit(1)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger checkpoint --key ledger-key.pem -o 2026-11.json",
        "cookiegate ledger checkpoint --previous 2026-11.json -o 2026-12.json",
    ],
)
@ledger_option
@key_option
@click.option(
    "--previous",
    metavar="FILE",
    multiple=True,
    type=click.Path(),
    help="An earlier checkpoint, which the new one has to continue. May be repeated.",
)
@public_key_option
@output_option
def checkpoint(
    url: str,
    key: str,
    previous: tuple[str, ...],
    public_keys: tuple[str, ...],
    output: str | None,
) -> None:
    """Sign the current state of the ledger. Keep the file away from the database.

    Give a copy to somebody else, for example a notary, a customer or a public repository. It holds
    no receipts and nothing about visitors.

    Anyone who can write to the database may have rewritten all of it. Name the previous checkpoint:
    nothing is signed unless the ledger continues it. If another key signed it, or removals, name
    that too, with --public-key. A checkpoint that --output would replace is also a previous one.
    """
    now = int(time.time())
    if output is not None and os.path.isfile(output) and os.path.getsize(output):
        previous = (*previous, output)
    with (
        open_ledger(url) as engine,
        progress_bar("receipts signed", Store(engine).count) as progress,
    ):
        signer = parse_file(key, Signer)
        signed, result = operations.checkpoint(
            engine,
            signer,
            now=now,
            previous=[parse_file(path, load_checkpoint) for path in previous],
            trusted=read_public_keys(public_keys),
            progress=progress,
        )
    _write_document(output, signed, FileKind.CHECKPOINT)
    receipts, writers = plural(result.receipts, "receipt"), plural(len(result.heads), "writer")
    click.echo(f"Signed {receipts} of {writers} with the key {signer.public}.", err=True)
    if not previous:
        click.echo(
            "It continues no earlier checkpoint. Let the next one continue this: --previous FILE",
            err=True,
        )
    for _, text, _ in _anomaly_rows(result):
        click.echo(f"But look at it first: {escape_control(text)}", err=True)


@click.command(
    cls=ReceiptCommand,
    examples=[
        "cookiegate ledger prove RECEIPT --checkpoint checkpoint.json -o proof.json",
    ],
)
@click.argument("receipt")
@ledger_option
@click.option(
    "--checkpoint",
    "path",
    metavar="FILE",
    required=True,
    type=click.Path(),
    help="A checkpoint that is newer than the receipt.",
)
@output_option
def prove(receipt: str, url: str, path: str, output: str | None) -> None:
    """Write a file that proves RECEIPT to somebody without access to the ledger."""
    with open_ledger(url) as engine:
        proof = proofs.prove(engine, receipt, parse_file(path, load_checkpoint))
    _write_document(output, proof, FileKind.PROOF)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate ledger check proof.json --public-key key.pem",
    ],
)
@click.argument("file", type=click.Path())
@public_key_option
@page_option
@json_option
def check(file: str, public_keys: tuple[str, ...], page: str | None, as_json: bool) -> None:
    """Check the proof in FILE. Nothing else is read.

    The exit code is 1 if the proof is not valid. Without --public-key it only shows that somebody
    signed it: compare the key that is printed.
    """
    proof = parse_file(file, proofs.load_proof)
    trusted = read_public_keys(public_keys)
    try:
        receipt = proofs.check_proof(proof, trusted)
    except LedgerError as error:
        if as_json:
            write_json({"proved": False, "why": str(error)})
        else:
            click.echo(f"The proof is not valid: {error}.")
        raise click.exceptions.Exit(1) from None
    if page is not None:
        write_page(page, proof.presentation)
    signed = proof.checkpoint
    if as_json:
        receipt_json = receipt_values(receipt)
        time_and_key = {"signed": signed.checkpoint.time, "key": signed.key}
        write_json({"proved": True, "receipt": receipt_json, **time_and_key})
        return
    print_rows(
        [
            ("proved", f"in the ledger by {format_time(signed.checkpoint.time)}", "green"),
            ("key", signed.key if trusted else f"{signed.key}, not compared with any", ""),
            ("", "", ""),
            *receipt_rows(receipt),
        ]
    )


def _verification_rows(result: Verification) -> list[TableRow]:
    rows: list[TableRow] = []
    finding = result.finding
    if finding is None:
        rows.append(("ledger", *_verdict(result)))
    else:
        number = None if finding.number is None else f"number {finding.number:,}"
        writer = f"writer {finding.writer}" if finding.writer else None
        place = " of ".join(filter(None, (number, writer)))
        rows.append(("ledger", finding.what, "red"))
        details = {"place": place, "receipt": finding.receipt, "detail": finding.detail}
        rows += [(label, value, "") for label, value in details.items() if value]
    rows.append(("receipts", f"{result.receipts:,} checked, {result.erased:,} of them removed", ""))
    if result.by_code:
        rows.append(("by code", plural(result.by_code, "grant"), ""))
    if result.without_evidence:
        text = f"missing for {plural(result.without_evidence, 'grant')} by the application"
        rows.append(("evidence", text, "yellow"))
    rows.append(("writers", f"{len(result.heads):,}", ""))
    if result.is_anchored:
        rows.append(("anchored", plural(result.anchored, "receipt"), ""))
    rows += [*_unanchored_rows(result), *_anomaly_rows(result)]
    return [*rows, *(("removed by", key, "") for key in result.keys)]


def _verdict(result: Verification) -> tuple[str, str]:
    if not result.is_anchored:
        return "internally consistent; not anchored", "yellow"
    if result.is_backdated:
        return "not to be trusted after the checkpoint", "red"
    if result.unanchored:
        return "whole up to the checkpoint", "yellow"
    return "whole", "green"


def _unanchored_rows(result: Verification) -> Iterator[TableRow]:
    for one in result.unanchored[:_MAX_ROWS]:
        grants = f", {plural(one.grants, 'grant')} among them" if one.grants else ""
        text = f"{plural(one.receipts, 'receipt')} from number {one.first:,} of writer {one.writer}"
        yield "not anchored", f"{text}{grants}", "yellow"
    if rest := result.unanchored[_MAX_ROWS:]:
        receipts = plural(sum(one.receipts for one in rest), "receipt")
        yield "", f"{receipts} of {plural(len(rest), 'more writer')}", "yellow"


def _anomaly_rows(result: Verification) -> Iterator[TableRow]:
    for one in result.anomalies:
        text = _ANOMALIES[one.kind].format(plural(one.receipts, "receipt"))
        grants = f", {plural(one.grants, 'grant')} among them" if one.grants else ""
        place = f"number {one.number:,} of writer {one.writer}"
        first = f"for example {place}, receipt {one.receipt}, dated {format_time(one.time)}"
        yield "times", f"{text}{grants}; {first}", "red" if one.grants else "yellow"


def _anchor_hint(result: Verification, has_checkpoint: bool, has_key: bool) -> str:
    if result.finding is not None:
        return ""
    if result.is_anchored:
        if not result.unanchored:
            return ""
        return "To anchor the others: cookiegate ledger checkpoint --previous FILE"
    if has_checkpoint and has_key:
        return "The checkpoints anchor no receipt: they were made of an empty ledger."
    if has_checkpoint:
        return "To trust the checkpoint, name its signer: --public-key KEY."
    return "To anchor it: cookiegate ledger checkpoint, and keep the file elsewhere."


def _write_document(output: str | None, value: Any, kind: FileKind) -> None:
    with open_output(output, kind) as file:
        # In ASCII: a page or a receipt could control the terminal.
        file.write(json.dumps(msgspec.to_builtins(value), indent=2).encode() + b"\n")
    note_written(output)
