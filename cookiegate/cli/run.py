"""One run of the command, from the arguments to the exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

import click
from click.exceptions import Exit
from click.shell_completion import shell_complete

from .group import COMPLETE, NAME, cli

__all__ = ["run"]

# What shells call a program that Ctrl-C ended, and one whose reader went away.
_INTERRUPTED: Final = 130
_NO_READER: Final = 141
_USAGE: Final = 2
# `cookiegate ledger export > file` on a disk that is full: the answer is not whole.
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(arguments: Sequence[str]) -> NoReturn:
    """
    Run a command and end the process: 0 fine, 1 findings, 2 usage, 130 interrupted.

    Args:
        arguments: Those after the command's name.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or text that the terminal's encoding lacks is shown escaped.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_code_of(arguments))


def _code_of(arguments: Sequence[str]) -> int:
    # Not cli.main(): to it a reader that went away is a finding.
    try:
        instruction = os.environ.get(COMPLETE)
        if instruction:
            code = shell_complete(cli, {}, NAME, COMPLETE, instruction)
        else:
            with cli.make_context(NAME, list(arguments)) as context:
                cli.invoke(context)
            code = 0
        sys.stdout.flush()
    except Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, EOFError, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # `cookiegate explain ... | head -1`. At its end Python flushes once more, into the void.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"Error: not all could be written: {error.strerror}\n")
        return _USAGE
    return code
