"""Texts for cookies that logins, forms and messages need, by kind and language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

__all__ = ["TEXTS", "KindTexts"]


class KindTexts(msgspec.Struct, frozen=True):
    """What such a cookie is for, and what fails without it, by language."""

    purpose: Mapping[str, str]
    necessary: Mapping[str, str]


TEXTS: Final = {
    "csrf": KindTexts(
        {
            "en": "Makes sure that a form was sent from this site.",
            "sv": "Ser till att ett formulär har skickats från den här webbplatsen.",
            "de": "Stellt sicher, dass ein Formular von dieser Website gesendet wurde.",
            "nb": "Sørger for at et skjema er sendt fra dette nettstedet.",
            "fi": "Varmistaa, että lomake on lähetetty tältä sivustolta.",
        },
        {
            "en": "Without it, the server refuses the forms that you send.",
            "sv": "Utan den avvisar servern de formulär som du skickar.",
            "de": "Ohne dieses Cookie lehnt der Server die Formulare ab, die Sie senden.",
            "nb": "Uten den avviser serveren skjemaene du sender.",
            "fi": "Ilman sitä palvelin hylkää lähettämäsi lomakkeet.",
        },
    ),
    "login": KindTexts(
        {
            "en": "Keeps you logged in.",
            "sv": "Håller dig inloggad.",
            "de": "Hält Sie angemeldet.",
            "nb": "Holder deg innlogget.",
            "fi": "Pitää sinut kirjautuneena.",
        },
        {
            "en": "Without it, you could not log in.",
            "sv": "Utan den skulle du inte kunna logga in.",
            "de": "Ohne dieses Cookie könnten Sie sich nicht anmelden.",
            "nb": "Uten den kunne du ikke logge inn.",
            "fi": "Ilman sitä et voisi kirjautua sisään.",
        },
    ),
    "session": KindTexts(
        {
            "en": "Remembers what you have entered, from one page to the next.",
            "sv": "Minns vad du har angett från en sida till nästa.",
            "de": "Merkt sich von einer Seite zur nächsten, was Sie eingegeben haben.",
            "nb": "Husker det du har oppgitt, fra én side til den neste.",
            "fi": "Muistaa antamasi tiedot sivulta toiselle.",
        },
        {
            "en": "Without it, the site would forget you from one page to the next.",
            "sv": "Utan den skulle webbplatsen glömma dig mellan två sidor.",
            "de": "Ohne dieses Cookie würde die Website Sie auf jeder neuen Seite vergessen.",
            "nb": "Uten den ville nettstedet glemme deg fra én side til den neste.",
            "fi": "Ilman sitä sivusto unohtaisi sinut sivulta toiselle siirryttäessä.",
        },
    ),
    "flash": KindTexts(
        {
            "en": 'Carries a note, such as "saved", to the next page that you see.',
            "sv": "Tar med ett meddelande, till exempel ”sparat”, till nästa sida som du ser.",
            "de": "Überträgt einen Hinweis wie „gespeichert“ auf die nächste Seite, die Sie sehen.",
            "nb": "Tar med en melding, for eksempel «lagret», til neste side du ser.",
            "fi": "Siirtää ilmoituksen, kuten ”tallennettu”, seuraavalle näkemällesi sivulle.",
        },
        {
            "en": "Without it, you would not learn whether the last step worked.",
            "sv": "Utan den skulle du inte få veta om det senaste steget lyckades.",
            "de": "Ohne dieses Cookie erfahren Sie nicht, ob der letzte Schritt gelungen ist.",
            "nb": "Uten den ville du ikke få vite om det siste trinnet lyktes.",
            "fi": "Ilman sitä et saisi tietää, onnistuiko viimeinen vaihe.",
        },
    ),
}
