"""A progress bar for long commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(
    text: str, count_all: Callable[[], int] | None = None
) -> Iterator[Callable[[int], None]]:
    """
    Show a progress bar on standard error if that is a terminal.

    Args:
        text: What is counted.
        count_all: Returns the total number, if it is known. Called only for a terminal.

    Yields:
        A function to call with the number done so far.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    # Imported lazily: pipes need no rich.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    with Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(separator=" of "),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        # Otherwise the bar would also capture what goes to standard output.
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(text, total=None if count_all is None else count_all())
        yield lambda done: bar.update(task, completed=done)
