"""Commands whose argument is a receipt's id."""

from __future__ import annotations

import re
from typing import Final

import click

from cookiegate.cli.command import ExampleCommand

__all__ = ["ReceiptCommand"]

# One in fifty ids begins with a dash, so "-oFILE" may be an id.
_DASHED_ID: Final = re.compile(r"-[A-Za-z0-9_-]+")


class ReceiptCommand(ExampleCommand):
    """A command for a receipt whose id may begin with a dash without being an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move ids that begin with a dash behind "--"."""
        options = {name: one for one in self.get_params(ctx) for name in one.opts}
        rest: list[str] = []
        ids: list[str] = []
        needs_value = False
        for position, arg in enumerate(args):
            if arg == "--":
                ids += args[position + 1 :]
                break
            name = arg.partition("=")[0]
            is_id = not needs_value and name not in options and _DASHED_ID.fullmatch(arg)
            (ids if is_id else rest).append(arg)
            option = None if needs_value else options.get(arg)
            needs_value = isinstance(option, click.Option) and not option.is_flag
        # An option that lacks its value must not take "--" for it.
        return super().parse_args(ctx, rest if needs_value else [*rest, "--", *ids])
