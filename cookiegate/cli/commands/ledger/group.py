"""`cookiegate ledger`: what an operator does with the proof of consent."""

from __future__ import annotations

import click

from .maintenance import health, upgrade
from .proofs import check, checkpoint, keygen, prove, verify
from .receipts import erase, export, prune, show

__all__ = ["ledger"]


class _InOrder(click.Group):
    # In the order in which a site needs them.
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder)
def ledger() -> None:
    """Prove consent: look after the ledger, sign and verify it, find and erase receipts."""


for _command in (
    *(upgrade, health, keygen, verify, checkpoint, prove, check, show, export, erase, prune),
):
    ledger.add_command(_command)
