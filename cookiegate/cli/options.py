"""Options that several commands share, and what they do with their values."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import click
from click.shell_completion import CompletionItem

from cookiegate.registry import Registry, RegistryError

from .errors import CommandError, missing_file
from .scaffold.snippets import COUNTS_FILE

__all__ = [
    "DAY",
    "DEFAULT_REGISTRY",
    "FC",
    "OptionDecorator",
    "RegistryProblemsError",
    "complete_category",
    "complete_name",
    "json_option",
    "load_optional_registry",
    "load_registry",
    "output_option",
    "reading_counts",
    "reading_registry",
    "registry_option",
    "split_commas",
    "write_json",
]

DEFAULT_REGISTRY = "cookiegate.toml"


class _Day(click.DateTime):
    """A day in ISO 8601."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            day: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write one such as 2026-11-24", param, ctx)
        return day


#: The type of an option that takes a day.
DAY: Final = _Day()


FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)


class OptionDecorator(Protocol):
    """Adds an option to a command."""

    def __call__(self, function: FC, /) -> FC: ...


#: `--registry FILE`.
registry_option: OptionDecorator = click.option(
    "--registry",
    metavar="FILE",
    type=click.Path(),
    default=DEFAULT_REGISTRY,
    envvar="COOKIEGATE_REGISTRY",
    help="The registry file, as COOKIEGATE_REGISTRY.  [default: cookiegate.toml]",
)
#: `--json`.
json_option: OptionDecorator = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
#: `--output FILE`.
output_option: OptionDecorator = click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(),
    help="Write to a file.  [default: standard output]",
)


class RegistryProblemsError(click.ClickException):
    """The registry has problems. Prints a line for each, or all as JSON; the exit code is 1."""

    exit_code = 1

    def __init__(self, error: RegistryError, *, as_json: bool) -> None:
        super().__init__(str(error))
        self._error = error
        self._as_json = as_json

    def show(self, file: Any = None) -> None:
        if self._as_json:
            keys = ("source", "line", "what", "hint")
            problems = [{key: getattr(one, key) for key in keys} for one in self._error.problems]
            write_json({"problems": problems})
        else:
            # Neither wrapped nor prefixed: editors jump to lines like these.
            click.echo(self.message, file=file, err=True)


@contextmanager
def reading_registry(path: str) -> Iterator[None]:
    """
    Turn errors of the file system into messages.

    Raises:
        CommandError: The file does not exist or cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        hint = "write another name, set COOKIEGATE_REGISTRY, or create one with: cookiegate init"
        raise missing_file(path, hint) from None
    except OSError as error:
        raise CommandError(f"{path!r} cannot be read: {error.strerror}") from None


@contextmanager
def reading_counts(path: str) -> Iterator[None]:
    """
    Turn errors of a file of counts into messages.

    Raises:
        CommandError: The file does not exist or cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        hint = (
            f'the gate of a running site writes it: Gate(..., on_verdict=Counts("{COUNTS_FILE}"))'
        )
        raise missing_file(path, hint) from None
    except OSError as error:
        raise CommandError(str(error)) from None


def load_registry(path: str, *, as_json: bool = False) -> Registry:
    """
    Load the registry for a command.

    Args:
        path: The file, or the name of a shipped one.
        as_json: Whether to print problems as JSON.

    Raises:
        RegistryProblemsError: The registry has problems.
        CommandError: The file does not exist or cannot be read.
    """
    try:
        with reading_registry(path):
            return Registry.load(path)
    except RegistryError as error:
        raise RegistryProblemsError(error, as_json=as_json) from None


def load_optional_registry(path: str, *, as_json: bool = False) -> Registry | None:
    """Load the registry as `load_registry` does; None if there is no file of the default name."""
    if path == DEFAULT_REGISTRY and not Path(path).exists():
        return None
    return load_registry(path, as_json=as_json)


def write_json(value: object) -> None:
    """Print a value as one JSON document in ASCII."""
    # In pieces: json.dumps() would need ten times the memory of a long document.
    for piece in json.JSONEncoder(indent=2).iterencode(value):
        sys.stdout.write(piece)
    sys.stdout.write("\n")


def split_commas(values: Iterable[str]) -> list[str]:
    """Return the distinct values of an option that may be repeated and may hold commas."""
    parts = (part.strip() for value in values for part in value.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def complete_category(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the ids of optional categories, after the last comma."""
    before, comma, last = incomplete.rpartition(",")
    registry = _registry_for_completion(ctx)
    return [
        CompletionItem(f"{before}{comma}{id}")
        for id in (registry.optional if registry else ())
        if id.startswith(last) and id not in before.split(",")
    ]


def complete_name(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the registry's cookie names that are not patterns."""
    registry = _registry_for_completion(ctx)
    entries = registry.entries if registry else ()
    names = dict.fromkeys(name for entry in entries for name in entry.names)
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and not set(name) & set("*?[\\")
    ]


def _registry_for_completion(ctx: click.Context) -> Registry | None:
    try:
        return load_registry(ctx.params.get("registry") or DEFAULT_REGISTRY)
    except click.ClickException:
        return None
