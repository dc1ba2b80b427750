"""`cookiegate keygen`: a secret key for the gate."""

from __future__ import annotations

import secrets
import shutil
import sys

import click

from cookiegate.cli.command import ExampleCommand
from cookiegate.cli.options import json_option, write_json

__all__ = ["keygen"]

_HINT = (
    "Set COOKIEGATE_SECRET_KEY to this key where the site runs, and keep it out of the repository. "
    "Anyone who has the key can forge visitors' choices. If it is lost or changed, every visitor "
    "is asked again."
)


@click.command(
    cls=ExampleCommand,
    examples=[
        "cookiegate keygen",
        "export COOKIEGATE_SECRET_KEY=$(cookiegate keygen)",
    ],
)
@json_option
def keygen(as_json: bool) -> None:
    """Print a new secret key: 32 random bytes as text."""
    key = secrets.token_urlsafe(32)
    if as_json:
        write_json({"secret_key": key})
        return
    click.echo(key)
    # `export KEY=$(cookiegate keygen)` needs no hint.
    if sys.stdout.isatty() and sys.stderr.isatty():
        click.echo(click.wrap_text(_HINT, shutil.get_terminal_size().columns), err=True)
