"""What each sentence of the pages claims, as a condition on what is in force.

`CLAIMS` has each sentence of the catalogue: with the condition under which it may be shown, or with
`ALWAYS` for labels, definitions and what other tests hold against the facts. A new sentence needs
an entry. The facts come from the gate and from what the browser got, not from the pages' own code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Final, Literal

from cookiegate import Consent, Gate
from cookiegate.consent.recording import Kept
from cookiegate.http.signals import SIGNAL_TABLE, Signal
from cookiegate.pages.i18n import Texts
from tests.registries import DAY, NOON

Surface = Literal["settings", "banner", "policy", "message"]

_TITLES: Final = {one.id: one.title for one in SIGNAL_TABLE}
_HEADERS: Final = {one.id: one.header.lower().encode() for one in SIGNAL_TABLE}
_ENGLISH: Final = Texts("en")


@dataclass(frozen=True)
class Facts:
    """What a gate does for a visitor."""

    gate: Gate
    #: The cookies that the browser sends.
    cookies: tuple[str, ...]
    signals: frozenset[Signal] = frozenset()

    @cached_property
    def consent(self) -> Consent:
        return self._read(self.cookies, self.signals)

    @cached_property
    def granted(self) -> frozenset[str]:
        """What is stored as granted, whatever signals are on."""
        return self._read(self.cookies, frozenset()).granted

    @property
    def offered(self) -> tuple[str, ...]:
        return self.gate.registry.offered

    @cached_property
    def permitted(self) -> frozenset[str]:
        """The categories whose cookies the gate allows, although it may only report."""
        return self._permits(self.consent)

    @cached_property
    def potential(self) -> frozenset[str]:
        """What the gate would allow if the visitor granted everything now."""
        return self.permitted_after(self.gate.registry.offered, self.signals)

    def permitted_after(
        self, granted: Sequence[str], chosen_under: frozenset[Signal]
    ) -> frozenset[str]:
        made = self.gate.issue(granted, signals=chosen_under, now=NOON).partition(";")[0]
        return self._permits(self._read((made,), self.signals))

    @cached_property
    def passing(self) -> frozenset[str]:
        """The offered categories whose cookies really reach this visitor."""
        return frozenset(one for one in self.offered if self._passes(one))

    @cached_property
    def enforced(self) -> frozenset[str]:
        nobody = Facts(self.gate, ())
        return frozenset(self.offered) - nobody.passing

    @cached_property
    def deletes(self) -> bool:
        """Whether the site deletes what a choice forbids, as its registry and mode say."""
        policy = self.gate.registry.policy
        return policy.sweep != "off" and bool(self.enforced)

    @property
    def refused(self) -> frozenset[str]:
        """The offered categories whose cookies are neither allowed nor let through."""
        return (frozenset(self.offered) - self.permitted) & self.enforced

    @property
    def passes_unknown(self) -> bool:
        return self._passes("nobody_knows_this")

    @property
    def optional(self) -> frozenset[str]:
        return self.permitted & frozenset(self.offered)

    def blocking(self, category: str) -> list[str]:
        """Names of the signals that keep a category off, one by one, whatever is chosen."""
        return [
            _TITLES[one]
            for one in _TITLES
            if one in self.signals
            and category not in Facts(self.gate, (), frozenset({one})).potential
        ]

    def objecting(self, category: str) -> list[str]:
        """Names of the signals that keep a granted category off now."""
        return [
            _TITLES[one]
            for one in _TITLES
            if one in self.signals
            and category not in Facts(self.gate, self.cookies, frozenset({one})).permitted
        ]

    def sent(self) -> set[str]:
        return {one.partition("=")[0] for one in self.cookies} - {self.gate.cookie_name}

    def _permits(self, consent: Consent) -> frozenset[str]:
        names = {one: {one} for one in self.gate.registry.categories}
        for entry in self.gate.registry.entries:
            names[entry.category].add(entry.names[0])
        return frozenset(
            category for category, some in names.items() if self._permits_all(some, consent)
        )

    def services(self, category: str) -> list[str]:
        """The services of a category whose cookies the gate allows."""
        registry = self.gate.registry
        parts: dict[str, set[str]] = {}
        for entry in registry.entries:
            if entry.category == category:
                service = registry.services[entry.service].name if entry.service else None
                parts.setdefault(service or registry.site.name, set()).add(entry.names[0])
        return [one for one, some in parts.items() if self._permits_all(some, self.consent)]

    def _permits_all(self, names: set[str], consent: Consent) -> bool:
        judge = self.gate.judge
        return all(judge(f"{name}=1".encode(), consent, now=NOON).allowed for name in names)

    def _passes(self, name: str) -> bool:
        header = (b"set-cookie", f"{name}=1".encode())
        return bool([v for k, v in self.gate.filter([header], self.consent) if k == header[0]])

    def _read(self, cookies: Sequence[str], signals: frozenset[Signal]) -> Consent:
        headers = [(b"cookie", "; ".join(cookies).encode()), *signal_headers(signals)]
        return self.gate.read(headers, now=NOON)


def signal_headers(signals: frozenset[Signal]) -> list[tuple[bytes, bytes]]:
    return [(_HEADERS[one], b"1") for one in sorted(signals)]


@dataclass(frozen=True)
class Page:
    """A page as a visitor reads it."""

    surface: Surface
    text: str
    facts: Facts
    #: The facts before the request, and what was pressed; None if the page was only opened.
    before: Facts | None = None
    pressed: str = ""
    #: What the response deletes.
    deleted: frozenset[str] = frozenset()
    kept: Kept | None = None
    has_recorder: bool = False
    language: str = "en"

    @cached_property
    def shown(self) -> dict[str, list[dict[str, str]]]:
        """The sentences that it shows, with what they insert."""
        lines = visible(self.text)
        matches = [
            (message, literal, match)
            for message, literal, pattern in patterns(self.language)
            if literal in lines
            for match in pattern.finditer(lines)
        ]
        found: dict[str, list[dict[str, str]]] = {}
        for message, _literal, match in matches:
            # A sentence may be a part of another one.
            if not any(_is_within(match, other) for _, _, other in matches if other is not match):
                found.setdefault(message, []).append(match.groupdict())
        return found

    @property
    def is_qualified(self) -> bool:
        """Whether the page names all that is not enforced."""
        facts = self.facts
        names_all = facts.enforced == set(facts.offered) or NOT_YET in self.shown
        return names_all and (not facts.passes_unknown or PASSES in self.shown or self.is_banner)

    @property
    def is_banner(self) -> bool:
        return self.surface == "banner"

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Value and label of each button."""
        return re.findall(r'<button[^>]* name="answer" value="(\w+)">(.*?)</button>', self.text)

    def titles(self, categories: Sequence[str]) -> str:
        return Texts(self.language).listed(self.names(categories))

    def names(self, categories: Sequence[str]) -> list[str]:
        known = self.facts.gate.registry.categories
        return [known[one].title["en"] for one in categories]

    @property
    def held_off(self) -> bool:
        return not set(self.facts.offered) <= self.facts.potential

    def part(self, category: str) -> str:
        """The part of the settings about one category."""
        title = self.facts.gate.registry.categories[category].title["en"]
        part = self.text.partition(f">{title}</h2>")[2]
        return visible(part.partition("</section>")[0])


def visible(page: str) -> str:
    """The text of a page: a line for each piece, without what is hidden."""
    page = re.sub(r"<(script|style|title|head)\b.*?</\1>", "\n", page, flags=re.DOTALL)
    page = re.sub(r"<(p|section)\b[^>]*\shidden\b[^>]*>.*?</\1>", "\n", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]*>", "\n", page))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _is_within(match: re.Match[str], other: re.Match[str]) -> bool:
    (start, end), (first, last) = match.span(), other.span()
    inserted, others = (sum(map(len, one.groups())) for one in (match, other))
    is_inside = first <= start and end <= last
    return is_inside and end - start - inserted < last - first - others


@lru_cache
def patterns(language: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Each sentence that has a condition, its longest fixed part, and how to find it in a page."""
    texts = Texts(language)
    found = [
        (message, texts.gettext(message))
        for message, claim in CLAIMS.items()
        if claim is not ALWAYS and message not in PLURALS
    ]
    for one, many in PLURALS.items():
        forms = {re.sub(r"\d+", "%(number)s", texts.ngettext(one, many, n)) for n in (1, 2, 5)}
        found += [(one, form) for form in sorted(forms)]
    return [
        (message, max(re.split(r"%\(\w+\)s", " ".join(text.split())), key=len), _pattern(text))
        for message, text in found
    ]


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", " ".join(text.split()))
    built = "".join(
        re.escape(part) if number % 2 == 0 else f"(?P<{part}>[^\\n]+?)"
        for number, part in enumerate(parts)
    )
    # From the start of a line or of a sentence to its end.
    return re.compile(rf"(?:^|(?<=[.:!?;»”“)] )){built}(?=$| )", re.MULTILINE)


Claim = Callable[[Page, Mapping[str, str]], bool]


def _always(page: Page, values: Mapping[str, str]) -> bool:
    return True


#: It claims nothing that depends on the visitor or the site.
ALWAYS: Final[Claim] = _always

NOT_YET: Final = (
    "This site does not enforce your choice yet for: %(categories)s. What is said here about that "
    "applies once it does."
)
PASSES: Final = "This site also lets cookies pass that are not listed here."
SAVE: Final = "Save these settings"
NOTES: Final = (
    "You allowed this, but it is off because your browser sends %(signals)s. To allow it anyway, "
    "leave it switched on and save.",
    "You allowed this. It is off as long as your browser sends %(signals)s.",
    "Off, because your browser sends %(signals)s.",
)
COMPANIES: Final = "%(number)s company would receive data about you"
PLURALS: Final = {COMPANIES: "%(number)s companies would receive data about you"}


# ---- What is stored and allowed -----------------------------------------------------------------


def nothing_optional(page: Page, values: Mapping[str, str]) -> bool:
    return not page.facts.optional


def _with_status(*statuses: str) -> Claim:
    def holds(page: Page, values: Mapping[str, str]) -> bool:
        return page.facts.consent.status in statuses and not page.facts.optional

    return holds


def is_saved(page: Page, values: Mapping[str, str]) -> bool:
    return page.before is not None and page.facts.consent.status == "given"


def is_withdrawn(page: Page, values: Mapping[str, str]) -> bool:
    before = page.before
    return (
        before is not None
        and page.facts.consent.status == "given"
        and not (page.facts.granted or page.facts.optional)
        and bool(before.granted or page.pressed == "withdraw")
    )


def is_dated(page: Page, values: Mapping[str, str]) -> bool:
    consent = page.facts.consent
    site = page.facts.gate.registry.site
    if consent.status != "given" or consent.since is None:
        return False
    days = site.consent_days if consent.granted else site.refusal_days
    texts = Texts(page.language)
    until = texts.day(_date(consent.since + days * DAY))
    return values == {"since": texts.day(_date(consent.since)), "until": until}


def _date(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def lists_state(page: Page, values: Mapping[str, str]) -> bool:
    facts, texts = page.facts, Texts(page.language)
    gettext = texts.gettext
    listed = page.text.partition('class="cg-now"')[2].partition("</ul>")[0]
    found = re.findall(r"<span>(.*?)</span>\s*<strong>(.*?)</strong>", listed)
    expected = {"essential": gettext("Always on")}
    for one in facts.offered:
        expected[one] = gettext("Allowed" if one in facts.permitted else "Off")
        if one not in facts.permitted and (some := facts.services(one)):
            expected[one] = gettext("Only: %(services)s") % {"services": texts.listed(some)}
    names, words = page.names(list(expected)), expected.values()
    return page.is_qualified and found == list(zip(names, words, strict=True))


def offers_a_choice(page: Page, values: Mapping[str, str]) -> bool:
    return bool(page.facts.offered)


def offers_no_choice(page: Page, values: Mapping[str, str]) -> bool:
    # All that is stored is registered, or the page says otherwise.
    return not page.facts.offered and page.is_qualified


def off_until_allowed(page: Page, values: Mapping[str, str]) -> bool:
    return bool(page.facts.offered) and page.is_qualified


def off_and_offered(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    listed = re.findall(r"<li><strong>(.*?)</strong>", page.text)
    expected = [one for one in facts.offered if one in facts.potential]
    return listed == page.names(expected) and not facts.optional and page.is_qualified


def several(page: Page, values: Mapping[str, str]) -> bool:
    sent = [one for one in page.facts.cookies if one.startswith(page.facts.gate.cookie_name + "=")]
    return len(sent) > 1


# ---- What the site does not do ------------------------------------------------------------------


def names_unenforced(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    missing = [one for one in facts.offered if one not in facts.enforced]
    return bool(missing) and values["categories"] == page.titles(missing)


def passes_unknown(page: Page, values: Mapping[str, str]) -> bool:
    return page.facts.passes_unknown


def is_one_list(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    return facts.enforced == set(facts.offered) and not facts.passes_unknown


# ---- Signals ------------------------------------------------------------------------------------


def names_held_off(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    final = [one for one in facts.offered if one not in facts.potential]
    signals = [one for one in _TITLES.values() if any(one in facts.blocking(c) for c in final)]
    return bool(final) and values == {
        "signals": Texts(page.language).listed(signals),
        "categories": page.titles(final),
    }


def stays_off(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    final = [one for one in facts.offered if one not in facts.potential]
    signals = [one for one in _TITLES.values() if any(one in facts.blocking(c) for c in final)]
    return bool(final) and values["signals"] == Texts(page.language).listed(signals)


def still_counts(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    return (
        bool(facts.signals)
        and not facts.optional
        and set(facts.offered) <= facts.potential
        and values["signals"]
        == Texts(page.language).listed(
            [_TITLES[one] for one in _TITLES if one in facts.consent.signals]
        )
    )


def note_of(facts: Facts, category: str) -> str | None:
    """The note that a category of the settings needs, in English; None for none."""
    if category not in facts.potential:
        note = NOTES[1] if category in facts.granted else NOTES[2]
        return note % {"signals": _ENGLISH.listed(facts.blocking(category))}
    if category in facts.granted and category not in facts.permitted:
        return NOTES[0] % {"signals": _ENGLISH.listed(facts.objecting(category))}
    return None


def is_a_note(page: Page, values: Mapping[str, str]) -> bool:
    # In other languages: the same sentences as in English, which `notes_fit` checks one by one.
    facts = page.facts
    # A service that was granted by itself has its note.
    held_off = any(":" in id and id not in facts.consent.allowed for id in facts.granted)
    return held_off or any(note_of(facts, one) is not None for one in facts.offered)


def notes_fit(page: Page) -> bool:
    """Return whether each category has its note and no other, and its switch the right position."""
    facts = page.facts
    for one in facts.offered:
        part = page.part(one)
        note = note_of(facts, one)
        shown = [line for line in part.splitlines() if _is_note(line)]
        if shown != ([] if note is None else [note]):
            return False
        is_final = one not in facts.potential
        switch = re.search(rf'name="category" value="{one}"([^>]*)>', page.text)
        if switch is None or (" disabled" in switch[1]) != is_final:
            return False
        if (" checked" in switch[1]) != (one in facts.granted and not is_final):
            return False
    return True


def _is_note(line: str) -> bool:
    return any(_pattern(one).fullmatch(line) for one in NOTES)


def _follows_rule(rule: str) -> Claim:
    def holds(page: Page, values: Mapping[str, str]) -> bool:
        (signal,) = (one for one, title in _TITLES.items() if title == values["signal"])
        facts = Facts(page.facts.gate, (), frozenset({signal}))
        offered = set(facts.offered)
        surviving = {
            one for one in offered if signal in facts.gate.registry.categories[one].survives
        }
        without = facts.permitted_after(facts.offered, frozenset()) & offered
        under = facts.permitted_after(facts.offered, facts.signals) & offered
        return (
            page.is_qualified
            and {
                "override": without == under == surviving,
                "confirm": without == surviving and under == offered,
                "default": without == under == offered and not facts.optional,
                "ignore": without == under == offered,
            }[rule]
        )

    return holds


def stays_on(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    return any(
        facts.gate.registry.categories[one].survives and values["category"] == page.titles([one])
        for one in facts.offered
    )


def would_stay_on(page: Page, values: Mapping[str, str]) -> bool:
    categories = page.facts.gate.registry.categories
    return any(
        one.survives and not one.required and one.id not in page.facts.offered
        for one in categories.values()
    )


# ---- Deletions ----------------------------------------------------------------------------------


def asks_to_delete(page: Page, values: Mapping[str, str]) -> bool:
    return values["names"] == Texts(page.language).listed(sorted(page.deleted))


def nothing_to_delete(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    return page.before is not None and not page.deleted and not facts.sent() & facts.refused


def still_sends(page: Page, values: Mapping[str, str]) -> bool:
    facts = page.facts
    names = sorted(facts.sent() & facts.refused)
    return facts.deletes and values["names"] == Texts(page.language).listed(names)


def deletes(page: Page, values: Mapping[str, str]) -> bool:
    return bool(page.facts.granted) and page.facts.deletes


def only_withdraws(page: Page, values: Mapping[str, str]) -> bool:
    return bool(page.facts.granted) and not page.facts.deletes


def never(page: Page, values: Mapping[str, str]) -> bool:
    # This walk has no such cookies; test_any_cookie has.
    return False


# ---- The policy ---------------------------------------------------------------------------------


def _keeps(address: str | None) -> Claim:
    def holds(page: Page, values: Mapping[str, str]) -> bool:
        kept = None if page.kept is None else page.kept.address
        return page.has_recorder and bool(page.facts.offered) and kept == address

    return holds


def counts_refusals(page: Page, values: Mapping[str, str]) -> bool:
    return page.kept is not None and not page.kept.refusals


def has_costs(page: Page, values: Mapping[str, str]) -> bool:
    below = visible(page.text).partition("\nWhat is stored\n")[2] or page.text
    return page.language != "en" or "If you say no:" in below


def has_empty(page: Page, values: Mapping[str, str]) -> bool:
    registry = page.facts.gate.registry
    return any(one not in registry.offered for one in registry.categories if one != "essential")


def has_companies_for_essential(page: Page, values: Mapping[str, str]) -> bool:
    return "Payer" in page.text


def counts_companies(page: Page, values: Mapping[str, str]) -> bool:
    # test_in_force compares with the list.
    return values["number"] == "1" and not page.held_off


# ---- Rejected choices ---------------------------------------------------------------------------


def is_unchanged(page: Page, values: Mapping[str, str]) -> bool:
    return page.before is not None and page.before.cookies == page.facts.cookies


def is_narrowed(page: Page, values: Mapping[str, str]) -> bool:
    return page.before is not None and page.facts.granted < page.before.granted


def cannot_be_allowed(page: Page, values: Mapping[str, str]) -> bool:
    return not set(page.facts.offered) <= page.facts.potential


# ---- Buttons ------------------------------------------------------------------------------------


def allows_all(page: Page, after: Facts) -> bool:
    return after.granted == set(after.offered) == after.optional


def allows_these(page: Page, after: Facts) -> bool:
    listed = re.findall(r"<li><strong>(.*?)</strong>", page.text)
    return page.names(sorted(after.optional, key=after.offered.index)) == listed and (
        after.granted == page.facts.granted | after.optional
    )


def allows_nothing(page: Page, after: Facts) -> bool:
    return after.consent.status == "given" and not (after.granted or after.optional)


def saves(page: Page, after: Facts) -> bool:
    """The settings are saved unchanged."""
    on = {
        one
        for one in after.offered
        if re.search(rf'name="category" value="{one}"[^>]* checked', page.text)
    }
    return (
        after.consent.status == "given"
        and after.optional == on
        and after.granted == on | still_granted(page, on)
    )


def still_granted(page: Page, on: set[str]) -> set[str]:
    """Return what a signal blocks and stays granted when these categories are saved."""
    facts = page.facts
    blocked = {one for one in facts.offered if one not in facts.potential} & facts.granted
    if on <= facts.permitted and not several(page, {}):
        return blocked
    # A new record carries its signals: it would confirm whatever else is in it.
    registry = facts.gate.registry
    rules = registry.policy.signals
    confirmed = {one for one in facts.consent.signals if rules[one] == "confirm"}
    return {one for one in blocked if confirmed <= registry.categories[one].survives}


#: What each button does, by its label and value.
BUTTONS: Final[dict[str, tuple[str, Callable[[Page, Facts], bool]]]] = {
    "Accept all": ("all", allows_all),
    "Allow these": ("these", allows_these),
    "Essential only": ("none", allows_nothing),
    "Save these settings": ("these", saves),
    "Withdraw consent": ("withdraw", allows_nothing),
}


CLAIMS: Final[dict[str, Claim]] = {
    **dict.fromkeys(NOTES, is_a_note),
    NOT_YET: names_unenforced,
    PASSES: passes_unknown,
    COMPANIES: counts_companies,
    # The settings.
    "Your choice is saved.": is_saved,
    "Your consent is withdrawn. Only what is essential is allowed from now on.": is_withdrawn,
    "Your browser is asked to delete: %(names)s.": asks_to_delete,
    "When you open the next pages, it is asked to delete these too: %(names)s.": never,
    "This site cannot delete these cookies, because of their names: %(names)s. Delete them in your "
    "browser’s settings.": never,
    "Your browser sent nothing that had to be deleted.": nothing_to_delete,
    "Receipt number (shown only now):": lambda page, _: (
        page.has_recorder and is_withdrawn(page, {})
    ),
    "Cookies of other sites can only be deleted there or in your browser:": is_withdrawn,
    "Your current choice": offers_a_choice,
    "You chose on %(since)s. Your choice applies until %(until)s.": is_dated,
    "Your earlier choice has expired. Until you choose again, only what is essential is "
    "allowed.": _with_status("expired"),
    "What this site stores has changed since you chose. Until you choose again, only what is "
    "essential is allowed.": _with_status("outdated"),
    "Your earlier choice cannot be read. Until you choose again, only what is essential is "
    "allowed.": _with_status("invalid"),
    "You have not chosen yet. Only what is essential is allowed.": _with_status("missing"),
    "Allowed": lists_state,
    "Off": lists_state,
    "Only: %(services)s": lists_state,
    "This browser sends several choices of yours, made at different addresses of this site. Only "
    "what all of them allow applies.": several,
    "If you save your choice here, it replaces the others.": lambda page, _: (
        several(page, {}) and any(value == "these" for value, _ in page.buttons)
    ),
    "Your browser still sends cookies that are not allowed: %(names)s. This site asks it to delete "
    "them. If they stay, delete them in your browser’s settings.": still_sends,
    "Your browser sends %(signals)s. As long as it does, the categories marked below stay off, "
    "whatever you choose here.": stays_off,
    "Your browser sends %(signals)s, so only what is essential is allowed. What you choose here "
    "still counts.": still_counts,
    "There is nothing to choose: this site stores only what is essential.": offers_no_choice,
    "You decide what %(site)s and others may store in this browser. Everything that is not "
    "essential is off until you switch it on.": off_until_allowed,
    "No cookies at present": has_empty,
    "One click withdraws everything you allowed and deletes what this site can delete.": deletes,
    "One click withdraws everything you allowed.": only_withdraws,
    # The banner.
    "These are off unless you allow them:": off_and_offered,
    "As long as your browser sends %(signals)s, these stay off: %(categories)s.": names_held_off,
    # The policy.
    "A record of your choice is kept for %(keep)s as proof.": _keeps(None),
    "A record of your choice, without your name or IP address, is kept for %(keep)s as "
    "proof.": _keeps("none"),
    "A record of your choice, with a shortened form of your IP address but without your name, is "
    "kept for %(keep)s as proof.": _keeps("truncated"),
    "A record of your choice, with a code computed from your IP address but without your name, is "
    "kept for %(keep)s as proof.": _keeps("hashed"),
    "A refusal is only counted, unless it withdraws something.": counts_refusals,
    "Only what is essential is stored without asking you. Everything else is off until you allow "
    "it, and nothing is allowed unless you choose.": off_until_allowed,
    "You can change or withdraw your choice at any time on the page “Cookie settings”, as easily "
    "as you made it. Withdrawal does not affect the lawfulness of processing before "
    "it.": offers_a_choice,
    "Consent lasts %(consent)s, a refusal %(refusal)s. After that, you are asked "
    "again.": offers_a_choice,
    "If you say no, you lose only what the categories below name under “If you say no”.": has_costs,
    "This site stores only what is essential, so there is nothing to decide.": offers_no_choice,
    "%(signal)s: while your browser sends this signal, everything that is not essential stays off, "
    "whatever you chose.": _follows_rule("override"),
    "%(signal)s: while your browser sends this signal, everything that is not essential stays off, "
    "unless you allow it while the signal is on.": _follows_rule("confirm"),
    "%(signal)s: your browser’s signal counts as a refusal until you choose "
    "yourself.": _follows_rule("default"),
    "%(signal)s: this site does not act on this signal; your choice here counts.": _follows_rule(
        "ignore"
    ),
    "Exception: “%(category)s” stays on if you allowed it.": stays_on,
    "Exception: “%(category)s”, which has no cookies at present, would stay on if you allowed "
    "it.": would_stay_on,
    "There are no cookies in this category at present.": has_empty,
    "Only for what is essential:": has_companies_for_essential,
    "If you delete this site’s cookies, your choice is deleted too, and you are asked "
    "again.": offers_a_choice,
    "The page is made from the same list by which the site lets cookies pass, so the two cannot "
    "differ.": is_one_list,
    "When something is added that you were not asked about, the version number rises, and everyone "
    "who had allowed something is asked again.": offers_a_choice,
    # Choices that were rejected.
    "Nothing was changed": is_unchanged,
    "Not everything was changed": is_narrowed,
    "Another site sent this. Nothing was changed.": is_unchanged,
    "Your choice could not be saved just now. Please try again shortly.": is_unchanged,
    "Your withdrawal took effect. What you newly allowed could not be saved just now. Please try "
    "again shortly.": is_narrowed,
    "Your browser sends a signal against tracking. As long as it does, this cannot be "
    "allowed.": cannot_be_allowed,
    # The buttons: `BUTTONS` has what each of them does.
    **dict.fromkeys(BUTTONS, ALWAYS),
    # Labels, definitions, the same for every site and visitor, and what other tests cover.
    **dict.fromkeys(
        [
            "Something went wrong. Reload the settings and try again.",
            "The request was too large.",
            "Not stated",
            "Until you close the browser",
            "No end date; browsers keep it for about 400 days at most",
            "%(number)s day",
            (
                "This page was opened over http, but this site saves choices over https only. "
                "Open it"
                " over https and choose again."
            ),
            "The form is too old, or cookies are blocked. Open the settings again.",
            "This site has no such category.",
            (
                "What this site asks about has changed since this page was opened. Please look "
                "at it "
                "and choose again."
            ),
            "Too many requests. Please try again later.",
            "Cookie",
            "Local storage",
            "Session storage",
            "Pixel",
            "This site’s server",
            "A script on the page",
            "The other company’s server",
            "Complaints about personal data",
            "Supervision of cookies",
            "Cookies on %(site)s: your choice",
            "Essential cookies keep the site working.",
            "You can change this at any time under “Cookie settings” on every page.",
            "Settings",
            "Cookie settings",
            "What you no longer allow may still be running on this page.",
            "Load the page again",
            "Content from {host} is shown here once you allow {category}.",
            "Load once",
            "Always allow {category}",
            "“Always allow” allows {category} on the whole site, until you change it.",
            "Name",
            "Owner",
            "Kept for",
            "Purpose",
            "Set by",
            "Domain: %(domains)s",
            "name not confirmed",
            "Skip to the content",
            "Language",
            "Cookie policy",
            "Open the cookie settings",
            (
                "This page shows what %(site)s and others store in your browser and read from "
                "it, for"
                " what purpose and for how long, and how you decide."
            ),
            "Version %(version)s, updated on %(day)s.",
            "Version %(version)s.",
            "What are cookies?",
            (
                "A cookie is a small text file that your browser keeps for a website and sends "
                "back "
                "to it. Scripts can also keep data in the browser’s local storage and session "
                "storage, and a pixel is an image that, when it loads, lets a server know that you "
                "were there. What this page says about cookies applies to all of them."
            ),
            (
                "A session cookie is gone when you close the browser. A permanent one stays for as "
                "long as the tables say, unless you delete it earlier."
            ),
            "Contents",
            "Find a cookie",
            "No cookie in this list matches.",
            "How you decide",
            "Signals from your browser",
            "What is stored",
            "Always on",
            "If you say no:",
            "%(name)s’s policy",
            "opt out at %(name)s",
            "Other companies",
            (
                "These companies also process the data they receive under their own policies. "
                "Please "
                "read those policies to learn what the companies do with it."
            ),
            "In your browser",
            (
                "Most browsers accept cookies unless you change their settings. Every browser can "
                "show cookies, delete them, and block them for all sites or for some; look in its "
                "settings under privacy."
            ),
            "If you block all cookies, parts of this site will not work.",
            "Changes",
            "This policy may change.",
            "Who is responsible",
            "Controller",
            "Address",
            "E-mail",
            "Data protection officer",
            "Privacy policy",
            "Your rights",
            (
                "You have the right to access your data, to have it rectified or erased, to have "
                "its "
                "processing restricted, to object to the processing, and to lodge a complaint with "
                "the supervisory authority."
            ),
            "Back to the page",
            "Allow: %(category)s",
            "Choose single services (%(number)s)",
            "Show details (%(number)s)",
            # Shown while the switch is on: tests/browser/test_services.py.
            "While the category is switched on, so are all of its services. To choose single ones, "
            "switch it off first.",
            "Cookie choice",
            (
                "Remembers which categories of cookies you allowed or refused, so that you are not "
                "asked on every page."
            ),
            "Without it, this site could not remember your choice.",
            "Form protection",
            "Makes sure that the settings were sent from this site.",
            (
                "Without it, this site could not be sure that the settings come from you, and "
                "would "
                "not save them."
            ),
            "only on the cookie settings page, in browsers that do not say where a form comes from",
        ],
        ALWAYS,
    ),
}
