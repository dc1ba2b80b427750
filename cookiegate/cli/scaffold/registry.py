"""A site's first registry, made of the parts of starter.toml that fit it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, cast

import tomlkit

from .detect import FRAMEWORKS

__all__ = ["first_registry"]

# Which of the starter's entries belong to what, by their first name; an entry that is not listed
# is copied as it stands, a lesson in the format.
_BELONGS: Final = {
    "session": {"flask", "quart", "litestar", "sessions"},
    "remember_token": {"flask-login"},
    "sessionid": {"django"},
    "_a0_session_[0-9]+": {"auth0-fastapi"},
    "csrftoken": {"django", "starlette-csrf", "asgi-csrf"},
    "messages": {"django"},
    "django_language": {"django"},
}
# Nothing in a project shows whether it stands behind one of them.
_LEFT_OUT: Final = "Load balancers and shields"
_LATER: Final = (
    "# Load balancers and shields in front of a site set cookies of their own. Cookiegate's\n"
    "# registry/starter.toml has the entries of the common ones."
)

_SECTION: Final = re.compile(r"# ---- .+? -+$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^#?\[\[cookies\]\]\n#?name = \[?\"([^\"]+)\"", re.MULTILINE)
_SWITCH: Final = re.compile(r"^#(?=\S)", re.MULTILINE)
_REMARK: Final = re.compile(r"^(\w+ = [^#\n]*?) +(# [^#\n]+)$", re.MULTILINE)
_TEXT: Final = re.compile(r"^(#?)(\S+\.)en( = )(\".*\")$", re.MULTILINE)


def first_registry(
    starter: str,
    *,
    name: str,
    languages: Sequence[str],
    frameworks: Sequence[str],
    uses: Collection[str],
    consent_days: int | None,
    refusal_days: int | None,
) -> str:
    """
    Return the text of a registry that reports, with the starter's remarks.

    Args:
        starter: The text of starter.toml.
        name: The site's.
        languages: Codes, the default first. Texts that the starter lacks stand switched off, in
            English, to be translated.
        frameworks: Keys of FRAMEWORKS.
        uses: What else sets cookies, as in `Project.uses`.
        consent_days: How long a grant holds; None as the starter has it.
        refusal_days: How long a refusal does; None as the starter has it.
    """
    marks = {*uses, *frameworks}
    if not marks & {"starlette", "fastapi"}:
        marks.discard("sessions")
    text = "\n\n".join(_kept(starter.strip().split("\n\n"), marks)) + "\n"
    text = text.replace(*_first_line(text, frameworks, languages), 1)
    text = _TEXT.sub(lambda found: "\n".join(_translated(found, languages)), text)
    document = tomlkit.parse(text)
    # Tables, as starter.toml has them; tomlkit's types say less.
    site, policy = (cast(Any, document[table]) for table in ("site", "policy"))
    site["name"] = name
    site["languages"] = list(languages)
    site["languages"].comment("the first is the default; each text has a line for each of them")
    for key, days in (("consent_days", consent_days), ("refusal_days", refusal_days)):
        if days is not None:
            site[key] = days
    policy["mode"] = "report"
    policy["mode"].comment('changes nothing and only tells what "enforce" would strip')
    if {"flask", "quart"} & marks and "sessions" not in marks:
        for entry in cast(Any, document["cookies"]):
            if "session" in entry["name"]:
                entry["expires"] = "31 days" if "permanent" in marks else "session"
    # The remarks in one column again.
    return _REMARK.sub(lambda found: f"{found[1]:<31} {found[2]}", tomlkit.dumps(document))


def _kept(paragraphs: list[str], marks: set[str]) -> Iterator[str]:
    # Section by section: one without anything in it goes as a whole.
    title: str | None = None
    body: list[str] = []
    for paragraph in [*paragraphs, "# ---- end -"]:
        if _SECTION.match(paragraph.strip("\n")) is None:
            body += _fitting(paragraph.strip("\n"), marks)
            continue
        yield from body if title is None else _section(title, body)
        title, body = paragraph.strip("\n"), []


def _section(title: str, body: list[str]) -> Iterator[str]:
    if _LEFT_OUT in title:
        yield "\n" + _LATER
    elif body:
        yield "\n" + title
        yield from body


def _fitting(paragraph: str, marks: set[str]) -> list[str]:
    entry = _ENTRY.search(paragraph)
    if entry is None or entry[1] not in _BELONGS:
        return [paragraph]
    if not _BELONGS[entry[1]] & marks:
        return []
    return [_SWITCH.sub("", paragraph)]


def _first_line(text: str, frameworks: Sequence[str], languages: Sequence[str]) -> tuple[str, str]:
    titles = [FRAMEWORKS[one] for one in frameworks]
    about = f" for {' and '.join(titles)}" if titles else ""
    line = f"# A first registry{about}, made by `cookiegate init`, and a lesson in the format."
    if set(languages) != {"en"}:
        line += (
            "\n#\n# Texts that are still to be translated are switched off, and in English:"
            '\n# write them in their language, and take the "#" away.'
        )
    return text.partition("\n")[0], line


def _translated(found: re.Match[str], languages: Sequence[str]) -> Iterator[str]:
    # (The starter is in English alone; what it says in no other language is left to the author.)
    off, key, equals, value = found.groups()
    for language in languages:
        switch = off if language == "en" else "#"
        yield f"{switch}{key}{language}{equals}{value}"
