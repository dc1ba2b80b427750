"""The demo's table: a row for each cookie, a column for each visitor, fitted to the terminal."""

import re
from collections.abc import Iterable
from string import ascii_lowercase

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import samples
import storefront
from visitors import Haul, Outcome, Visitor

COLOURS = {True: "green", False: "red"}
WORDS = {True: "kept", False: "stripped"}


class Board:
    """The table: a row for each cookie, a column for each visitor, fitted to the terminal."""

    def __init__(self, console: Console, seen: list[tuple[Visitor, Haul]]) -> None:
        self.console = console
        self.seen = seen
        marks = "✓✗" if console.encoding.lower().startswith("utf") else "+-"
        self.marks = {True: marks[0], False: marks[1]}
        outcomes = [outcome for _, haul in seen for outcome in haul.outcomes.values()]
        outcomes.sort(key=lambda outcome: not outcome.arrived)
        self.reasons = list(dict.fromkeys((each.arrived, each.reason) for each in outcomes))
        met = list(dict.fromkeys(reason for _, reason in self.reasons))
        words = {reason: reason.replace("_", " ") for reason in met}
        letters = dict(zip(met, ascii_lowercase, strict=False))
        # The cells show reasons as words on a wide terminal, else as letters. On a very narrow one
        # the columns have numbers as titles, and counts have no totals.
        for self.short, self.gap, self.numbered in (
            (words, 2, False),
            (letters, 3, False),
            (letters, 1, False),
            (letters, 1, True),
        ):
            unbounded = console.options.update(max_width=1000)
            if Measurement.get(console, unbounded, self.table()).maximum <= console.width:
                break

    def cell(self, outcome: Outcome) -> Text:
        colour = COLOURS[outcome.arrived]
        cell = Text(self.marks[outcome.arrived], style=f"bold {colour}")
        return cell.append(f" {self.short[outcome.reason]}", style=f"not bold {colour}")

    def counts(self, names: Iterable[str]) -> list[Text]:
        """Count for each visitor how many of these cookies arrived."""
        picked = list(names)
        total = "" if self.numbered else f"/{len(picked)}"
        return [
            Text(f"{sum(haul.outcomes[name].arrived for name in picked)}{total}", "bold")
            for _, haul in self.seen
        ]

    def counted(self, title: str, names: Iterable[str]) -> list[Text]:
        """Make the row that counts these cookies."""
        picked = list(names)
        title += f" (of {len(picked)})" if self.numbered else ""
        return [Text(title, "bold"), *self.counts(picked)]

    def table(self) -> Table:
        table = Table(box=None, padding=(0, self.gap, 0, 0), pad_edge=False)
        table.add_column(Text("cookie" if self.numbered else "\ncookie", "bold"), no_wrap=True)
        for number, (visitor, _) in enumerate(self.seen, 1):
            title = str(number) if self.numbered else "\n".join(visitor.title)
            table.add_column(Text(title, "bold"), no_wrap=True)
        names = {storefront.REGISTRY.find(each.name)[0]: each.name for each in samples.SAMPLES}
        for category in storefront.REGISTRY.categories.values():
            # In the registry's order, as a policy page would list them.
            group = [
                names[entry]
                for entry in storefront.REGISTRY.entries
                if entry.category == category.id
            ]
            if group:
                table.add_row()
                table.add_row(*self.counted(category.title["en"], group))
            for name in group:
                cells = [self.cell(haul.outcomes[name]) for _, haul in self.seen]
                table.add_row(Text(f"  {name}"), *cells)
        table.add_row()
        table.add_row(*self.counted("Arrived", names.values()))
        return table

    def legend(self) -> Table:
        """Explain the marks and the reasons."""
        legend = Table.grid(padding=(0, 2))
        for arrived, reason in self.reasons:
            colour = COLOURS[arrived]
            legend.add_row(
                Text(f"{self.marks[arrived]} {WORDS[arrived]}", f"bold {colour}"),
                Text(self.short[reason], colour),
                Text(reason.text),
            )
        return legend

    def people(self) -> Table:
        """Introduce the visitors."""
        people = Table.grid(padding=(0, 2))
        for number, (visitor, _) in enumerate(self.seen, 1):
            title = " ".join(filter(None, visitor.title))
            shown = f"{number} {title}" if self.numbered else title
            people.add_row(Text(shown, "bold"), visitor.about)
        return people

    def show(self) -> None:
        """Print it all without trailing blanks, so that it can be pasted into mails."""
        with self.console.capture() as captured:
            for part in (self.people(), self.table(), self.legend()):
                self.console.print(Padding(part, (1, 0, 0, 0), expand=False))
        self.console.file.write(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE))
