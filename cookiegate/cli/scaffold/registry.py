"""Make a site's first registry from the parts of starter.toml that fit it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any, Final, cast

import tomlkit

from cookiegate.registry.lifetimes import Lifetime, parse_lifetime
from cookiegate.registry.presets import enable, load_packages, load_texts, translate

from .snippets import FRAMEWORKS

__all__ = ["first_registry"]

# Nothing in a project shows whether it runs behind one of them.
_LEFT_OUT: Final = "# ---- Load balancers and shields"
_INSTEAD: Final = (
    "# Load balancers and shields in front of a site set cookies of their own. Cookiegate's\n"
    "# registry/starter.toml has the entries of the common ones."
)

_NAMES: Final = re.compile(r"^#?\[\[cookies\]\]\n#?(name = .*)", re.MULTILINE)
_PRESETS: Final = "# ---- Presets: "
_COMMENT: Final = re.compile(r"^(\w+ = [^#\n]*?) +(# [^#\n]+)$", re.MULTILINE)
# Flask's PERMANENT_SESSION_LIFETIME.
_PERMANENT: Final = Lifetime(31, "days")


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
        languages: Codes, the default first. Texts in a language that the starter lacks are in
            English and switched off, to be translated.
        frameworks: Keys of FRAMEWORKS.
        uses: What else sets cookies, as in `Project.uses`.
        consent_days: How long a grant is valid; None leaves the starter's value.
        refusal_days: The same for a refusal.
    """
    cookies = _cookies(frameworks, uses)
    _, newline, text = _select(starter, cookies).partition("\n")
    text = _head(frameworks, languages) + newline + text
    text = translate(text, languages)
    document = tomlkit.parse(text)
    # tomlkit's types do not say that these are tables.
    site, policy = (cast(Any, document[table]) for table in ("site", "policy"))
    days = {"consent_days": consent_days, "refusal_days": refusal_days}
    site.update({"name": name, "languages": list(languages)})
    site.update({key: value for key, value in days.items() if value is not None})
    site["languages"].comment("the first is the default; each text has a line for each of them")
    policy["mode"] = "report"
    policy["mode"].comment('changes nothing and only reports what "enforce" would strip')
    for entry in cast(Any, document.get("cookies", ())):
        names = entry["name"] if isinstance(entry["name"], list) else [entry["name"]]
        longest = max((cookies[name] for name in names if name in cookies), key=_seconds)
        if _seconds(longest) != _seconds(parse_lifetime(entry["expires"])):
            entry["expires"] = str(longest)
    # Align the comments again.
    return _COMMENT.sub(lambda match: f"{match[1]:<31} {match[2]}", tomlkit.dumps(document))


def _cookies(frameworks: Collection[str], uses: Collection[str]) -> dict[str, Lifetime]:
    """Return the cookies of what is used, by the names in the starter, with their lifetimes."""
    used = {*uses, *frameworks} - {"starlette"}
    # A framework's own sessions are in use where something adds them.
    if "sessions" in uses and not {"starlette", "fastapi"}.isdisjoint(frameworks):
        used.add("starlette")
    packages = load_packages()
    found: dict[str, Lifetime] = {}
    for package in sorted(used & packages.keys()):
        for name, cookie in packages[package].cookies.items():
            lifetime = parse_lifetime(cookie.expires)
            found[name] = max(lifetime, found.get(name, lifetime), key=_seconds)
    if "session" in found and "permanent" in uses and not {"flask", "quart"}.isdisjoint(frameworks):
        found["session"] = max(found["session"], _PERMANENT, key=_seconds)
    return found


def _seconds(lifetime: Lifetime) -> float:
    return 0 if lifetime.unit == "session" else lifetime.seconds or math.inf


def _select(starter: str, cookies: Collection[str]) -> str:
    """Return the starter's sections with the entries that fit. Empty sections are left out."""
    known = {name for package in load_packages().values() for name in package.cookies}
    first, *sections = re.split(r"\n+(?=# ---- )", starter.strip())
    selected = [first]
    for section in sections:
        title, *paragraphs = section.split("\n\n")
        fitting = [text for one in paragraphs if (text := _fit(one.strip("\n"), cookies, known))]
        if section.startswith(_PRESETS):
            # What follows is about the starter.
            title = title.partition("\n")[0].replace(_PRESETS, "# ---- ", 1)
        if section.startswith(_LEFT_OUT):
            selected.append(_INSTEAD)
        elif fitting:
            selected.append("\n\n".join((title, *fitting)))
    return "\n\n\n".join(selected) + "\n"


def _fit(paragraph: str, cookies: Collection[str], known: Collection[str]) -> str:
    """Return an entry switched on if it fits, else nothing. Other paragraphs are unchanged."""
    entry = _NAMES.search(paragraph)
    if entry is None:
        return paragraph
    name = tomlkit.parse(entry[1])["name"]
    names = {str(one) for one in (name if isinstance(name, list) else [name])}
    if names.isdisjoint(known):
        return paragraph
    return "" if names.isdisjoint(cookies) else enable(paragraph)


def _head(frameworks: Sequence[str], languages: Sequence[str]) -> str:
    titles = " and ".join(FRAMEWORKS[one].title for one in frameworks)
    head = (
        f"# A first registry{titles and ' for '}{titles}, written by `cookiegate init`, with "
        "explanations."
    )
    if not {language.partition("-")[0] for language in languages} <= {"en", *load_texts()}:
        head += (
            "\n#\n# Texts to be translated are switched off, and in English:"
            '\n# write them in their language, and remove the "#".'
        )
    return head
