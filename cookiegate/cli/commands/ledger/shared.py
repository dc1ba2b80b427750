"""What the commands about the ledger share: opening it, and reading keys and files."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

if TYPE_CHECKING:
    from typing import TypeVar

    from sqlalchemy import Engine

    from cookiegate.ledger.audit.checkpoints import Signed
    from cookiegate.ledger.audit.signing import Signer

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = [
    "NO_PAGE",
    "LedgerProblem",
    "OfReceipt",
    "as_moment",
    "counted",
    "extra",
    "key_option",
    "ledger_option",
    "number_of",
    "opened",
    "public_key_option",
    "read_checkpoints",
    "read_file",
    "read_signer",
    "read_trusted",
    "receipts_of",
    "write_new",
    "written",
]

_FOR_THIS_USER: Final = 0o600
# Not "-oFILE": one in fifty ids begins with a dash, and many of those hold an "o".
_DASHED: Final = re.compile(r"-[A-Za-z0-9_-]+")
# How SQLite's files and keys begin: a slip of the hand is not to cost the ledger.
_PRECIOUS: Final = (b"SQLite format 3\0", b"-----BEGIN ")


#: Said where `--page` finds none.
NO_PAGE: Final = "of this receipt no page is kept: Cookiegate did not show one"


class OfReceipt(click.Command):
    """A command about a receipt, whose id may begin with a dash, and is no option then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with what is none of the command's options as an id."""
        options = {name: one for one in self.get_params(ctx) for name in one.opts}
        rest: list[str] = []
        ids: list[str] = []
        takes_next = False
        for at, arg in enumerate(args):
            if arg == "--":
                ids += args[at + 1 :]
                break
            name = arg.partition("=")[0]
            is_id = not takes_next and name not in options and _DASHED.fullmatch(arg)
            (ids if is_id else rest).append(arg)
            option = None if takes_next else options.get(arg)
            takes_next = isinstance(option, click.Option) and not option.is_flag
        # An option that lacks its value is not to take the dashes for it.
        return super().parse_args(ctx, rest if takes_next else [*rest, "--", *ids])


class LedgerProblem(click.ClickException):
    """The ledger, or a file about it, cannot be used; exit code 2."""

    exit_code = 2


def ledger_option(function: F) -> F:
    """`--ledger URL`: the database, as `COOKIEGATE_LEDGER`."""
    return click.option(
        "--ledger",
        "url",
        metavar="URL",
        envvar="COOKIEGATE_LEDGER",
        required=True,
        help="The database, as COOKIEGATE_LEDGER: sqlite:///consent.db, or "
        "postgresql://user@host/name.",
    )(function)


def key_option(function: F) -> F:
    """`--key FILE`: the private key, which the site itself does not have."""
    return click.option(
        "--key",
        metavar="FILE",
        envvar="COOKIEGATE_LEDGER_KEY",
        required=True,
        type=click.Path(),
        help="The private key that signs, as COOKIEGATE_LEDGER_KEY; see: cookiegate ledger keygen.",
    )(function)


def public_key_option(function: F) -> F:
    """`--public-key KEY`: whose signatures count."""
    return click.option(
        "--public-key",
        "public_keys",
        metavar="KEY",
        multiple=True,
        help="Whose signatures count: the 64 digits that keygen printed, or a file with the PEM. "
        "May be repeated.",
    )(function)


@contextmanager
def extra() -> Iterator[None]:
    """
    Imports of what the extra `ledger` brings: not made for `--help`, which needs none of it.

    Raises:
        UsageError: It is not installed; the text says how to get it.
    """
    try:
        yield
    except ImportError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def opened(url: str, *, is_current: bool = True) -> Iterator[Engine]:
    """
    The ledger's database; what goes wrong with it ends the command with a line.

    Args:
        url: Its URL.
        is_current: Whether its tables have to be of this version.

    Raises:
        UsageError: The extra `ledger` is not installed.
        LedgerProblem: It cannot be used.
    """
    with extra():
        from cookiegate.ledger import LedgerError
        from cookiegate.ledger.storage.database import file_of, open_engine, require_current
    from sqlalchemy.exc import DBAPIError

    engine = None
    try:
        file = file_of(url)
        if is_current and file is not None and not file.exists():
            # Looking is not to make one.
            raise LedgerError(f"there is no file {str(file)!r}; a site makes it with: Ledger(url)")
        engine = open_engine(url)
        if is_current:
            require_current(engine, makes=False)
        yield engine
    except LedgerError as error:
        raise LedgerProblem(str(error)) from None
    except DBAPIError as error:
        raise LedgerProblem(str(error.orig).partition("\n")[0]) from None
    finally:
        if engine is not None:
            engine.dispose()


def read_signer(path: str) -> Signer:
    """
    The private key in a file.

    Raises:
        LedgerProblem: It cannot be read, or is none.
    """
    from cookiegate.ledger import LedgerError
    from cookiegate.ledger.audit.signing import Signer

    try:
        return Signer(read_file(path))
    except LedgerError as error:
        raise LedgerProblem(f"{path}: {error}") from None


def read_trusted(keys: tuple[str, ...]) -> list[str]:
    """
    Public keys, from digits or files.

    Raises:
        LedgerProblem: One is neither.
    """
    from cookiegate.ledger import LedgerError
    from cookiegate.ledger.audit.signing import read_public

    found = []
    for key in keys:
        try:
            is_file = os.path.isfile(key)
            found.append(read_public(read_file(key).decode("latin-1") if is_file else key))
        except LedgerError as error:
            raise LedgerProblem(f"--public-key: {error}") from None
    return found


def read_checkpoints(paths: tuple[str, ...]) -> list[Signed]:
    """
    Checkpoints from their files.

    Raises:
        LedgerProblem: One cannot be read, or is none.
    """
    from cookiegate.ledger import LedgerError
    from cookiegate.ledger.audit.checkpoints import load_signed

    found = []
    for path in paths:
        try:
            found.append(load_signed(read_file(path)))
        except LedgerError as error:
            raise LedgerProblem(f"{path}: {error}") from None
    return found


def write_new(path: str, content: bytes) -> None:
    """
    Write a file that is not there yet, for this user's eyes alone.

    Args:
        path: Where to.
        content: What.

    Raises:
        LedgerProblem: It cannot be written, or one is there.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(path, flags, _FOR_THIS_USER), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise LedgerProblem(f"{path} is there already; nothing was changed") from None
    except OSError as error:
        raise LedgerProblem(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def written(path: str) -> Iterator[BinaryIO]:
    """
    A file for this user's eyes alone, in the place of an older one once it is whole.

    What ends before that leaves what was there: half an export would look like one.

    Args:
        path: Where to; a device or a pipe is written to as it is.

    Raises:
        LedgerProblem: It cannot be written, or is a database or a key.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                yield file
            return
        target = os.path.realpath(path)
        if os.path.isfile(target) and _begins(target).startswith(_PRECIOUS):
            raise LedgerProblem(f"{path} is a database or a key, and is not written over")
        descriptor, part = tempfile.mkstemp(prefix=".cookiegate-", dir=os.path.dirname(target))
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            os.replace(part, target)
        except BaseException:
            os.unlink(part)
            raise
    except OSError as error:
        raise LedgerProblem(f"{path} cannot be written: {error.strerror}") from None


def _begins(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(max(map(len, _PRECIOUS)))


def number_of(count: int, word: str) -> str:
    """So many of something, as people write it."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def as_moment(seconds: int) -> str:
    """A moment as people read it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        # Somebody made it up.
        return f"{seconds} seconds, which is in no calendar"


def receipts_of(engine: Engine) -> Callable[[], int]:
    """What asks a ledger how many receipts it has."""
    from cookiegate.ledger.storage.store import Store

    return Store(engine).count


@contextmanager
def counted(text: str, total: Callable[[], int] | None = None) -> Iterator[Callable[[int], None]]:
    """
    Show how far a long command is, on a terminal; what it is given is called with the number.

    Args:
        text: What is being done.
        total: Asked how many there are, where that is known.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    count = None if total is None else total()
    columns = (
        SpinnerColumn() if count is None else BarColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,}" + ("" if count is None else f" of {count:,}")),
        TimeElapsedColumn(),
    )
    # What is written goes where it was to go, and not beside the bar.
    bar = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar as progress:
        task = progress.add_task(text, total=count)
        yield lambda done: progress.update(task, completed=done)


def read_file(path: str) -> bytes:
    """
    What is in a file.

    Raises:
        LedgerProblem: It cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise LedgerProblem(f"{path} cannot be read: {error.strerror}") from None
