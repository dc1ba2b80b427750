"""`cookiegate ledger`: maintain and verify the proof of consent."""

from __future__ import annotations

import click

from cookiegate.cli.group import CommandGroup, CommandSpec

__all__ = ["ledger"]


def _spec(module: str, help: str) -> CommandSpec:
    return CommandSpec(f"ledger.{module}", help, extra="ledger")


# In the order in which a site needs them.
_COMMANDS = {
    "upgrade": _spec("maintenance", "Create the tables, or upgrade them to this version."),
    "health": _spec("maintenance", "Check the database, and the receipts that wait on the disk."),
    "keygen": _spec("proofs", "Create the key that signs."),
    "verify": _spec("proofs", "Find what was changed, removed or moved."),
    "checkpoint": _spec("proofs", "Sign the current state of the ledger."),
    "prove": _spec("proofs", "Write a file that proves one receipt."),
    "check": _spec("proofs", "Check such a file without the ledger."),
    "show": _spec("receipts", "Show a receipt, and the page that the visitor saw."),
    "export": _spec("receipts", "Write receipts as CSV or JSON lines."),
    "erase": _spec("receipts", "Erase a receipt and the related ones."),
    "prune": _spec("receipts", "Delete receipts past their retention time."),
}


@click.group(cls=CommandGroup, specs=_COMMANDS)
def ledger() -> None:
    """Maintain the ledger, verify and sign it, and find, export and erase receipts."""
