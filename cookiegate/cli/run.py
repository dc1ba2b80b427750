"""Run the command: from the arguments to the exit code."""

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

_USAGE: Final = 2
# Shells use 128 + the number of the signal: SIGINT, SIGPIPE.
_INTERRUPTED: Final = 130
_BROKEN_PIPE: Final = 141
_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(arguments: Sequence[str]) -> NoReturn:
    """
    Run the command and end the process with its exit code.

    The codes: 0 success, 1 findings, 2 wrong usage, 130 interrupted, 141 broken pipe.

    Args:
        arguments: The arguments after the command's name.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Escape characters that the terminal's encoding lacks.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str]) -> int:
    # Not cli.main(): that exits with 1, our code for findings, after a broken pipe.
    try:
        instruction = os.environ.get(COMPLETE)
        if instruction:
            code = shell_complete(cli, {}, NAME, COMPLETE, instruction)
        else:
            with cli.make_context(NAME, list(arguments)) as context:
                cli.invoke(context)
            code = 0
        sys.stdout.flush()
    except Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, EOFError, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return _BROKEN_PIPE
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        _discard_output()
        sys.stderr.write(f"Error: the output could not be written completely: {error.strerror}\n")
        return _USAGE
    return code


def _discard_output() -> None:
    # Python flushes standard output once more at exit, which would fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
