"""`cookiegate ledger`: maintain and verify the proof of consent."""

from __future__ import annotations

import click

from .maintenance import health, upgrade
from .proofs import check, checkpoint, keygen, prove, verify
from .receipts import erase, export, prune, show

__all__ = ["ledger"]


class _OrderedGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_OrderedGroup,
    # In the order in which a site needs them.
    commands=[
        *(upgrade, health, keygen, verify, checkpoint, prove, check),
        *(show, export, erase, prune),
    ],
)
def ledger() -> None:
    """Maintain the ledger, verify and sign it, and find, export and erase receipts."""
