"""`cookiegate ledger keygen`, `verify`, `checkpoint`, `prove` and `check`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from cookiegate.cli.console import Row, print_rows
from cookiegate.cli.options import json_option, write_json

from .shared import (
    NO_PAGE,
    LedgerProblem,
    OfReceipt,
    as_moment,
    counted,
    extra,
    key_option,
    ledger_option,
    number_of,
    opened,
    public_key_option,
    read_checkpoints,
    read_file,
    read_signer,
    read_trusted,
    receipts_of,
    write_new,
    written,
)

if TYPE_CHECKING:
    from cookiegate.ledger.audit.verify import Verification

__all__ = ["check", "checkpoint", "keygen", "prove", "verify"]

_UNANCHORED = "internally consistent; not anchored"


@click.command(short_help="Make the key that signs.")
@click.argument("file", type=click.Path())
def keygen(file: str) -> None:
    """Write a private key to FILE, and print its public half.

    The key signs checkpoints and records of erasures. Keep it where the site is not: whoever has
    both the key and the database can rewrite what happened.
    """
    with extra():
        from cookiegate.ledger.audit.signing import Signer, make_key
    pem = make_key()
    write_new(file, pem)
    click.echo(Signer(pem).public)


@click.command(short_help="Find what was changed, removed or moved.")
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
@click.option("--strict", is_flag=True, help="Exit with 1 also where nothing vouches for it.")
@json_option
def verify(
    url: str,
    checkpoints: tuple[str, ...],
    public_keys: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Go through the whole ledger, and name the first receipt that was changed, removed or moved.

    Without a checkpoint kept elsewhere and the key that signed it, somebody who can write to the
    database could have written all of it anew: then it is consistent in itself, and not anchored.

    The exit code is 1 where something is wrong; with --strict also where it is not anchored.
    """
    with opened(url) as engine, counted("receipts verified", receipts_of(engine)) as progress:
        from cookiegate.ledger.audit.verify import verify as go_through

        signed, trusted = read_checkpoints(checkpoints), read_trusted(public_keys)
        seen = go_through(engine, checkpoints=signed, trusted=trusted, progress=progress)
    if as_json:
        write_json(_as_json(seen))
    else:
        from cookiegate.cli.render.receipt import harmless

        print_rows(harmless(_rows(seen)))
        _hint(seen, has_checkpoint=bool(signed), has_key=bool(trusted))
    if seen.finding is not None or (strict and not seen.is_anchored):
        raise click.exceptions.Exit(1)


@click.command(short_help="Sign the ends of all chains.")
@ledger_option
@key_option
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Where to.  [default: -]")
def checkpoint(url: str, key: str, output: str | None) -> None:
    """Sign the ends of all chains. Keep the file where the database is not.

    A copy with somebody else is best: a notary, a customer, a public repository. It holds no
    receipt and nothing about a visitor.
    """
    with opened(url) as engine, counted("receipts signed", receipts_of(engine)) as progress:
        import msgspec

        from cookiegate.ledger.audit.operations import checkpoint as sign_now

        signer = read_signer(key)
        signed, seen = sign_now(engine, signer, now=int(time.time()), progress=progress)
        text = msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n"
    _write(output, text)
    click.echo(
        f"Signed: {number_of(seen.receipts, 'receipt')} of "
        f"{number_of(len(seen.tips), 'writer')}, by {signer.public}.",
        err=True,
    )


@click.command(cls=OfReceipt, short_help="Write a file that proves one receipt.")
@click.argument("receipt")
@ledger_option
@click.option(
    "--checkpoint",
    "path",
    metavar="FILE",
    required=True,
    type=click.Path(),
    help="A checkpoint that is younger than the receipt.",
)
@click.option("--output", "-o", metavar="FILE", type=click.Path(), help="Where to.  [default: -]")
def prove(receipt: str, url: str, path: str, output: str | None) -> None:
    """Write a file that proves RECEIPT to somebody who has no access to the ledger."""
    with opened(url) as engine:
        import msgspec

        from cookiegate.ledger.audit.proofs import prove as make_proof

        (signed,) = read_checkpoints((path,))
        proof = make_proof(engine, receipt, signed)
        text = msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"
    _write(output, text)


@click.command(short_help="Check such a file; nothing else is read.")
@click.argument("file", type=click.Path())
@public_key_option
@click.option(
    "--page",
    metavar="FILE",
    type=click.Path(),
    help="Write what the visitor was shown to a file.",
)
@json_option
def check(file: str, public_keys: tuple[str, ...], page: str | None, as_json: bool) -> None:
    """Check the proof in FILE. Nothing but the file is read.

    The exit code is 1 where it proves nothing. Without --public-key it shows no more than that
    somebody signed it: compare the key that is printed.
    """
    with extra():
        from cookiegate.ledger import LedgerError
        from cookiegate.ledger.audit.proofs import check_proof, load_proof
    from cookiegate.cli.render.receipt import receipt_rows, receipt_values

    try:
        proof = load_proof(read_file(file))
    except LedgerError as error:
        raise LedgerProblem(f"{file}: {error}") from None
    try:
        receipt = check_proof(proof, read_trusted(public_keys))
    except LedgerError as error:
        if as_json:
            write_json({"proved": False, "why": str(error)})
        else:
            click.echo(f"It proves nothing: {error}.")
        raise click.exceptions.Exit(1) from None
    if page is not None:
        if proof.presentation is None:
            raise LedgerProblem(NO_PAGE)
        with written(page) as content:
            content.write(proof.presentation.html.encode())
    signed = proof.checkpoint
    if as_json:
        write_json(
            {
                "proved": True,
                "receipt": receipt_values(receipt),
                "signed": signed.checkpoint.time,
                "key": signed.key,
            }
        )
        return
    rows: list[Row] = [
        ("proved", f"in the ledger by {as_moment(signed.checkpoint.time)}", "green"),
        ("key", signed.key if public_keys else f"{signed.key}, not compared with any", ""),
        ("", "", ""),
        *receipt_rows(receipt),
    ]
    print_rows(rows)


def _rows(seen: Verification) -> list[Row]:
    found = seen.finding
    if found is None:
        rows: list[Row] = [
            ("ledger", "whole", "green") if seen.is_anchored else ("ledger", _UNANCHORED, "yellow"),
        ]
    else:
        rows = [("ledger", found.what, "red")]
        if found.number is not None:
            where = f"number {found.number:,} of writer {found.writer}"
            rows.append(("place", where if found.writer else f"number {found.number:,}", ""))
        elif found.writer is not None:
            rows.append(("place", f"writer {found.writer}", ""))
        if found.receipt is not None:
            rows.append(("receipt", found.receipt, ""))
        if found.detail:
            rows.append(("detail", found.detail, ""))
    rows.append(("receipts", f"{seen.receipts:,} looked at, {seen.erased:,} of them removed", ""))
    if seen.without_evidence:
        text = f"lacking for {seen.without_evidence:,} by code, which did not say why"
        rows.append(("evidence", text, "yellow"))
    rows.append(("writers", f"{len(seen.tips):,}", ""))
    if seen.is_anchored:
        rows.append(("anchored", number_of(seen.anchored, "receipt"), ""))
    for key in seen.keys:
        rows.append(("removed by", key, ""))
    return rows


def _hint(seen: Verification, *, has_checkpoint: bool, has_key: bool) -> None:
    if seen.finding is not None or seen.is_anchored:
        return
    if has_checkpoint and has_key:
        text = "The checkpoints vouch for no receipt: they are of an empty ledger."
    elif has_checkpoint:
        text = "Say whose checkpoint it is: --public-key KEY."
    else:
        text = "To anchor it: cookiegate ledger checkpoint, and keep the file elsewhere."
    click.echo(text, err=True)


def _as_json(seen: Verification) -> dict[str, Any]:
    import msgspec

    values: dict[str, Any] = msgspec.to_builtins(seen)
    return {"whole": seen.finding is None, "is_anchored": seen.is_anchored, **values}


def _write(output: str | None, text: bytes) -> None:
    if output is None or output == "-":
        click.echo(text, nl=False)
    else:
        with written(output) as file:
            file.write(text)
