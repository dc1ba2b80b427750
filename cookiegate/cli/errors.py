"""Errors that end a command with a message and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from .escape import escape_control

__all__ = ["CommandError", "missing_file", "require_extra"]


class CommandError(click.ClickException):
    """A file or database cannot be used. Printed as one line; the exit code is 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        # It may quote a database or a file that others write to.
        super().__init__(escape_control(message).replace("\\\\", "\\"))


def missing_file(path: str, hint: str = "") -> CommandError:
    """
    Return the error for a file that does not exist, in the same words for every command.

    Args:
        path: The file.
        hint: What to do, for a file that a user would not know how to get.
    """
    return CommandError(f"there is no file {path!r}{hint and f'; {hint}'}")


@contextmanager
def require_extra(extra: str, feature: str) -> Iterator[None]:
    """
    Guard imports that need an optional dependency.

    Args:
        extra: The extra of the package, as in `cookiegate[ledger]`.
        feature: The command or option that needs it, for the message.

    Raises:
        UsageError: The extra is not installed. The message says how to install it.
    """
    try:
        yield
    except ImportError:
        raise click.UsageError(f"{feature} needs: pip install 'cookiegate[{extra}]'") from None
