"""Read keys and signed files."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import click

from cookiegate.cli.errors import CommandError
from cookiegate.cli.files import read_file
from cookiegate.cli.options import OptionDecorator
from cookiegate.errors import CookiegateError
from cookiegate.ledger.audit.signing import read_public

__all__ = ["key_option", "parse_file", "public_key_option", "read_public_keys"]

T = TypeVar("T")


def _require_key(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if not value:
        raise click.UsageError(
            "name the file of the private key: --key FILE, or the same in COOKIEGATE_LEDGER_KEY; "
            "create one with: cookiegate ledger keygen FILE"
        )
    return value


#: `--key FILE`.
key_option: OptionDecorator = click.option(
    "--key",
    metavar="FILE",
    envvar="COOKIEGATE_LEDGER_KEY",
    callback=_require_key,
    type=click.Path(),
    help="The private key that signs, as COOKIEGATE_LEDGER_KEY; see: cookiegate ledger keygen.",
)
#: `--public-key KEY`.
public_key_option: OptionDecorator = click.option(
    "--public-key",
    "public_keys",
    metavar="KEY",
    multiple=True,
    help="A trusted signer: the 64 digits that keygen printed, or a PEM file. May be repeated.",
)


def parse_file(path: str, parse: Callable[[bytes], T]) -> T:
    """
    Read and parse a file.

    Raises:
        CommandError: The file cannot be read or is not valid. The message names the file.
    """
    try:
        return parse(read_file(path))
    except CookiegateError as error:
        raise CommandError(f"{path}: {error}") from None


def read_public_keys(keys: tuple[str, ...]) -> list[str]:
    """
    Return public keys in hexadecimal.

    Args:
        keys: Each is in hexadecimal, or a PEM file.

    Raises:
        CommandError: One of them is not a valid key.
    """
    try:
        return [
            read_public(read_file(key).decode("latin-1") if os.path.isfile(key) else key)
            for key in keys
        ]
    except CookiegateError as error:
        raise CommandError(f"--public-key: {error}") from None
