"""Make a site's first registry from the parts of starter.toml that fit it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final, cast

import tomlkit

from .snippets import FRAMEWORKS

__all__ = ["first_registry"]

# For entries of the starter, by their first name: what sets the cookie. Other entries are copied
# switched off, as examples.
_SET_BY: Final = {
    "session": {"flask", "quart", "litestar", "sessions"},
    "remember_token": {"flask-login"},
    "sessionid": {"django"},
    "_a0_session_[0-9]+": {"auth0-fastapi"},
    "csrftoken": {"django", "starlette-csrf", "asgi-csrf"},
    "messages": {"django"},
    "django_language": {"django"},
}
# Nothing in a project shows whether it runs behind one of them.
_LEFT_OUT: Final = "# ---- Load balancers and shields"
_INSTEAD: Final = (
    "# Load balancers and shields in front of a site set cookies of their own. Cookiegate's\n"
    "# registry/starter.toml has the entries of the common ones."
)

_ENTRY: Final = re.compile(r"^#?\[\[cookies\]\]\n#?name = \[?\"([^\"]+)\"", re.MULTILINE)
_SWITCH: Final = re.compile(r"^#(?=\S)", re.MULTILINE)
_COMMENT: Final = re.compile(r"^(\w+ = [^#\n]*?) +(# [^#\n]+)$", re.MULTILINE)
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
    Return the text of a registry in report mode, with the starter's comments.

    Args:
        starter: The text of starter.toml, which is in English.
        name: The site's name.
        languages: Codes, the default first. Texts in other languages than English are switched off,
            to be translated.
        frameworks: Keys of FRAMEWORKS.
        uses: What else sets cookies, as in `Project.uses`.
        consent_days: How long a grant is valid; None leaves the starter's value.
        refusal_days: The same for a refusal.
    """
    marks = {*uses, *frameworks}
    if not marks & {"starlette", "fastapi"}:
        marks.discard("sessions")
    _, newline, text = _select(starter, marks).partition("\n")
    text = _head(frameworks, languages) + newline + text
    text = _TEXT.sub(lambda match: _in_languages(match, languages), text)
    document = tomlkit.parse(text)
    # tomlkit's types do not say that these are tables.
    site, policy = (cast(Any, document[table]) for table in ("site", "policy"))
    days = {"consent_days": consent_days, "refusal_days": refusal_days}
    site.update({"name": name, "languages": list(languages)})
    site.update({key: value for key, value in days.items() if value is not None})
    site["languages"].comment("the first is the default; each text has a line for each of them")
    policy["mode"] = "report"
    policy["mode"].comment('changes nothing and only reports what "enforce" would strip')
    if {"flask", "quart"} & marks and "sessions" not in marks:
        for entry in cast(Any, document["cookies"]):
            if "session" in entry["name"]:
                entry["expires"] = "31 days" if "permanent" in marks else "session"
    # Align the comments again.
    return _COMMENT.sub(lambda match: f"{match[1]:<31} {match[2]}", tomlkit.dumps(document))


def _select(starter: str, marks: set[str]) -> str:
    """Return the starter's sections with the entries that fit. Empty sections are left out."""
    first, *sections = re.split(r"\n+(?=# ---- )", starter.strip())
    selected = [first]
    for section in sections:
        title, *paragraphs = section.split("\n\n")
        fitting = [text for one in paragraphs if (text := _fit(one.strip("\n"), marks))]
        if section.startswith(_LEFT_OUT):
            selected.append(_INSTEAD)
        elif fitting:
            selected.append("\n\n".join((title, *fitting)))
    return "\n\n\n".join(selected) + "\n"


def _fit(paragraph: str, marks: set[str]) -> str:
    """Return an entry switched on if it fits, else nothing. Other paragraphs are unchanged."""
    entry = _ENTRY.search(paragraph)
    if entry is None or entry[1] not in _SET_BY:
        return paragraph
    return _SWITCH.sub("", paragraph) if _SET_BY[entry[1]] & marks else ""


def _head(frameworks: Sequence[str], languages: Sequence[str]) -> str:
    titles = " and ".join(FRAMEWORKS[one].title for one in frameworks)
    head = (
        f"# A first registry{titles and ' for '}{titles}, written by `cookiegate init`, with "
        "explanations."
    )
    if set(languages) != {"en"}:
        head += (
            "\n#\n# Texts to be translated are switched off, and in English:"
            '\n# write them in their language, and remove the "#".'
        )
    return head


def _in_languages(match: re.Match[str], languages: Sequence[str]) -> str:
    switch, key, equals, value = match.groups()
    return "\n".join(
        f"{switch if language == 'en' else '#'}{key}{language}{equals}{value}"
        for language in languages
    )
