"""A choice that was sent to the pages: whether it may be made, and making it."""

from __future__ import annotations

from collections.abc import Collection

from cookiegate.consent.choice import Presentation
from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .csrf_origin import sender_of
from .csrf_token import is_bound
from .forms import ChoiceForm, ChoiceRejectedError
from .i18n import gettext_noop
from .messages import PageRequest
from .rate_limit import Limiter

__all__ = ["Chooser"]


class Chooser:
    """
    Makes choices for visitors, and for nobody else.

    Args:
        gate: The gate whose keys seal the forms' tokens.
        hosts: The site's hosts; none for whichever a request was sent to.
        limiter: So many choices in so much time; withdrawals are never among them.
    """

    def __init__(self, gate: Gate, hosts: Collection[str], limiter: Limiter) -> None:
        self._hosts = hosts
        self._limiter = limiter
        self.token_signer = gate.signer("form")

    def choose(
        self,
        request: PageRequest,
        visit: Visit,
        asked: ChoiceForm,
        presentation: Presentation | None,
        *,
        has_changed: bool,
    ) -> None:
        """
        Make the choice that is asked for.

        Args:
            request: What brought it.
            visit: Whose choice it is.
            asked: What is asked for.
            shown: What the visitor was shown.
            has_changed: Whether the page says something else now.

        Raises:
            ChoiceRejectedError: Another site sent it, it names an unknown category, it allows more
                on a page that has changed, or there were too many choices. In the last two cases,
                what it takes back is taken back all the same.
        """
        self._check_sender(request, visit, asked)
        named = _named(visit, asked)
        unknown = named - visit.registry.categories.keys()
        if unknown and not has_changed:
            raise ChoiceRejectedError(
                400, gettext_noop("A category was named that this site does not have.")
            )
        granted = named & frozenset(visit.registry.offered) & visit.grantable
        held = visit.consent
        # What takes back is meant on whatever page it was done.
        if has_changed and (unknown or not granted <= held.allowed):
            _take_back(visit, granted, presentation)
            raise ChoiceRejectedError(
                409,
                gettext_noop(
                    "What this site asks about has changed since this page was opened. "
                    "Please look at it and choose again."
                ),
            )
        # Nor is it ever limited.
        if not granted <= held.granted:
            wait = self._limiter.wait(visit.context.gate.clock())
            if wait:
                _take_back(visit, granted, presentation)
                raise ChoiceRejectedError(
                    429,
                    gettext_noop("Too many choices at once; try again shortly."),
                    retry_after=wait,
                )
        visit.choose(granted, presentation=presentation)

    def _check_sender(self, request: PageRequest, visit: Visit, asked: ChoiceForm) -> None:
        sender = sender_of(request, self._hosts)
        if sender == "other":
            raise ChoiceRejectedError(
                403, gettext_noop("Another site sent this; nothing was changed.")
            )
        if sender == "unsaid" and not is_bound(
            request, self.token_signer, asked.token, secure=visit.context.gate.is_secure
        ):
            raise ChoiceRejectedError(
                403,
                gettext_noop("The form is too old, or cookies are off; open the settings again."),
            )


def _named(visit: Visit, asked: ChoiceForm) -> frozenset[str]:
    if asked.answer == "all":
        return frozenset(visit.registry.offered)
    return frozenset(asked.categories if asked.answer == "these" else ())


def _take_back(visit: Visit, granted: frozenset[str], presentation: Presentation | None) -> None:
    held = visit.consent
    if not held.granted <= granted:
        visit.choose(granted & held.allowed, presentation=presentation)
