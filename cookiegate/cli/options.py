"""Options that commands share, each with one name and one meaning everywhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from cookiegate.registry import Registry, RegistryError

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = [
    "DEFAULT_REGISTRY",
    "RegistryProblems",
    "complete_category",
    "complete_name",
    "json_option",
    "load_registry",
    "registry_option",
    "split_commas",
    "write_json",
]

DEFAULT_REGISTRY = "cookiegate.toml"


def registry_option(function: F) -> F:
    """`--registry FILE`: `COOKIEGATE_REGISTRY`, else `cookiegate.toml` here."""
    return click.option(
        "--registry",
        metavar="FILE",
        default=DEFAULT_REGISTRY,
        envvar="COOKIEGATE_REGISTRY",
        shell_complete=_complete_file,
        help="The registry file, as COOKIEGATE_REGISTRY.  [default: cookiegate.toml]",
    )(function)


def json_option(function: F) -> F:
    """`--json`: for machines."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")(
        function
    )


class RegistryProblems(click.ClickException):
    """The registry has problems: each on a line of its own, or all of them as JSON; exit code 1."""

    exit_code = 1

    def __init__(self, error: RegistryError, *, as_json: bool) -> None:
        super().__init__(str(error))
        self._error = error
        self._as_json = as_json

    def show(self, file: Any = None) -> None:
        if self._as_json:
            problems = self._error.problems
            keys = ("source", "line", "what", "hint")
            write_json({"problems": [{key: getattr(one, key) for key in keys} for one in problems]})
        else:
            # Unwrapped and without a word before it: editors jump to such lines.
            click.echo(self.message, file=file, err=True)


def load_registry(path: str, *, as_json: bool = False) -> Registry:
    """
    Read the registry that a command is about.

    Raises:
        RegistryProblems: It has problems.
        UsageError: There is no such file, or it cannot be read.
    """
    # Here, not above: `--help` needs none of it.
    from cookiegate.registry import Registry, RegistryError

    try:
        return Registry.load(path)
    except RegistryError as error:
        raise RegistryProblems(error, as_json=as_json) from None
    except FileNotFoundError:
        raise click.UsageError(
            f"there is no file {path!r}; write --registry FILE or set COOKIEGATE_REGISTRY, "
            "or make one with: cookiegate init"
        ) from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in a path.
        reason = getattr(error, "strerror", None) or error
        raise click.UsageError(f"{path!r} cannot be read: {reason}") from None


def write_json(value: object) -> None:
    """Print a value for machines: one document, in ASCII."""
    # Piece by piece: all pieces of a long document at once take ten times its length.
    for piece in json.JSONEncoder(indent=2).iterencode(value):
        sys.stdout.write(piece)
    sys.stdout.write("\n")


def split_commas(values: Iterable[str]) -> list[str]:
    """The values of an option that may be repeated, and that may hold several with commas."""
    parts = (part.strip() for value in values for part in value.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def complete_category(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the ids of categories that visitors choose, the last one where commas stand."""
    registry = _registry_of(ctx)
    if registry is None:
        return []
    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{id}")
        for id in registry.optional
        if id.startswith(last) and id not in before.split(",")
    ]


def complete_name(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the names of cookies that the registry has, as far as they are no patterns."""
    registry = _registry_of(ctx)
    if registry is None:
        return []
    names = dict.fromkeys(name for entry in registry.entries for name in entry.names)
    return [
        CompletionItem(name)
        for name in names
        if name.startswith(incomplete) and not set(name) & set("*?[\\")
    ]


def _complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    # The shell knows its files.
    return [CompletionItem(incomplete, type="file")]


def _registry_of(ctx: click.Context) -> Registry | None:
    try:
        return load_registry(ctx.params.get("registry") or DEFAULT_REGISTRY)
    except click.ClickException:
        # Nothing to complete from, and nobody to tell.
        return None
