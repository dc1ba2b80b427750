"""What the registry of now says about cookies that were counted with an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

import msgspec

from cookiegate.enforcement.entry_match import longest_lifetime
from cookiegate.enforcement.verdict import Reason
from cookiegate.registry import Entry, Registry
from cookiegate.registry.errors import InvalidValueError
from cookiegate.registry.patterns import Wild, parse_pattern

from .redact import MAX_NAME, unescape
from .tally import OTHERS, CountKey, VerdictRow

__all__ = ["CurrentRow", "example_names", "judge_now", "pattern_of"]

R = TypeVar("R", bound=VerdictRow)

# A pattern of the registry may have digits where a redacted name has `*`, or one character.
_STAND_INS: Final = ("1234567", "7", "a")
# Their verdicts do not depend on the registry's entries alone.
_OTHER_RULES: Final = (Reason.DELETION, Reason.HOOK_ALLOWED, Reason.HOOK_REFUSED, Reason.FAILURE)


class CurrentRow(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A row of counts, and what holds of it with the registry of now."""

    row: R
    #: Why a verdict would be what it is, and what else it would report, as far as can be known.
    reasons: tuple[Reason, ...]
    #: The category that was counted, or the categories of now.
    category: str
    #: Whether enforcing strips it, or may strip it, depending on the visitor.
    is_held_back: bool
    #: Whether it was unknown and is registered now.
    is_settled: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether the registry has no entry for the cookie."""
        return any(reason.is_unknown for reason in self.reasons)

    @property
    def needs_fixing(self) -> bool:
        """Whether the registry or the application needs a fix, whatever visitors choose."""
        return _need_action(self.reasons)


def judge_now(rows: Iterable[R], registry: Registry | None) -> list[CurrentRow[R]]:
    """
    Return what holds of each row now.

    Args:
        rows: The counts.
        registry: The registry of now; None to leave the rows as they were counted.
    """
    return [_judge(row, registry) for row in rows]


def pattern_of(subject: str) -> str | None:
    """
    Return a pattern that matches the names redacted to a subject; None if no pattern does.

    Args:
        subject: A redacted name.
    """
    is_cut = subject.endswith("...") and len(subject) > MAX_NAME - 4
    raw = unescape(subject.removesuffix("...") if is_cut else subject)
    try:
        # It may have been cut within a character.
        name = raw.decode("utf-8", "ignore" if is_cut else "strict")
    except UnicodeDecodeError:
        return None
    if not name or not name.isprintable():
        return None
    pattern = name.replace("\\", r"\\").replace("?", r"\?").replace("[0-9]", r"\[0-9]")
    return f"{pattern}*" if is_cut else pattern


def example_names(pattern: str) -> Iterator[str]:
    """Yield names that a pattern matches."""
    tokens = parse_pattern(pattern).tokens
    for stand_in in _STAND_INS:
        yield "".join(
            one if isinstance(one, str) else stand_in if one is Wild.RUN else "7" for one in tokens
        )


def _need_action(reasons: Iterable[Reason]) -> bool:
    return any(reason.needs_action for reason in reasons)


def _judge(row: R, registry: Registry | None) -> CurrentRow[R]:
    key = row.key
    stored = (key.reason, *key.notes)
    unchanged = CurrentRow(
        row=row, reasons=stored, category=key.category, is_held_back=key.is_held_back
    )
    is_fixed = key.reason.is_final or key.reason in _OTHER_RULES or not key.is_set_cookie
    if registry is None or is_fixed or key.subject in ("", OTHERS):
        return unchanged
    entries = _entries(key, registry)
    if not entries:
        # Without a category it was unknown already, or its entry is not in the file.
        gone = (Reason.UNKNOWN,) if key.category else stored
        return msgspec.structs.replace(unchanged, reasons=gone)
    categories = dict.fromkeys(entry.category for entry in entries)
    return CurrentRow(
        row=row,
        reasons=tuple(_still(row, entries, registry)),
        category=", ".join(categories),
        is_held_back=key.is_held_back
        and not key.is_unknown
        and not registry.required.issuperset(categories),
        is_settled=key.is_unknown,
    )


def _entries(key: CountKey, registry: Registry) -> tuple[Entry, ...]:
    if not key.is_unknown:
        cookies = (entry for entry in registry.entries if entry.kind == "cookie")
        if named := tuple(entry for entry in cookies if key.subject in entry.names):
            return named
    pattern = pattern_of(key.subject) if key.is_unknown else key.subject
    try:
        found = (registry.find(name) for name in example_names(pattern or ""))
        return next(filter(None, found), ())
    except InvalidValueError:
        return ()


def _still(row: VerdictRow, entries: tuple[Entry, ...], registry: Registry) -> Iterator[Reason]:
    """Yield the reasons that hold of a registered cookie with its entries of now."""
    key = row.key
    declared = longest_lifetime(entries)
    outlives = declared != "unlimited" and (row.lifetime or 0) > (declared or 0)
    if key.is_unknown:
        if outlives and registry.policy.lifetime != "off":
            yield Reason.OUTLIVES
        return
    for reason in (key.reason, *key.notes):
        match reason:
            case Reason.OUTLIVES:
                is_so = outlives or row.lifetime is None
            case Reason.AMBIGUOUS:
                is_so = len(entries) > 1
            case Reason.OTHER_SITE:
                is_so = all(entry.domains for entry in entries)
            case _:
                is_so = True
        if is_so:
            yield reason
