"""Catalogues of a site's own, for tests."""

import shutil
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import write_po

from cookiegate.pages.translations import catalog_path, message_id, to_translate

__all__ = ["bracketed", "write_arabic", "write_catalog"]

_DATA = Path(__file__).parents[1] / "data" / "locale"


def bracketed(message: Message) -> str | tuple[str, ...]:
    """Translate each sentence by itself in brackets."""
    if isinstance(message.id, str):
        return f"[{message.id}]"
    return tuple(f"[{text}]" for text in message.id)


def write_catalog(
    folder: Path,
    language: str,
    translate: Callable[[Message], str | tuple[str, ...] | None] = bracketed,
) -> Path:
    """
    Write a catalogue with a translation of every sentence.

    Args:
        folder: The folder of the catalogues.
        language: The language's code.
        translate: Returns the translation of a message; None leaves it as it is. The last form of
            a plural stands for all further ones.
    """
    path = catalog_path(folder, language)
    catalog = to_translate(language, path)
    for message in filter(message_id, catalog):
        if (string := translate(message)) is not None:
            if not isinstance(string, str):
                # As many forms as the language has.
                string = (string + string[-1:] * catalog.num_plurals)[: catalog.num_plurals]
            message.string = string
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog)
    return path


def write_arabic(folder: Path) -> None:
    """Write a catalogue in Arabic; sentences that are newer than it are in brackets."""

    def translate(message: Message) -> str | tuple[str, ...] | None:
        if message.string and all(message.string) and not message.fuzzy:
            return None
        message.flags.discard("fuzzy")
        return bracketed(message)

    shutil.copytree(_DATA / "ar", folder / "ar")
    write_catalog(folder, "ar", translate)
