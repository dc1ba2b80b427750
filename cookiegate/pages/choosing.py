"""A choice that was sent to the pages: whether it may be made, and making it."""

from __future__ import annotations

from collections.abc import Collection

from cookiegate.choice import Shown
from cookiegate.gate import Gate
from cookiegate.visit import Visit

from .exchange import PageRequest
from .forms import Asked, Refused, marked
from .formtoken import is_bound
from .limiting import Limiter
from .origins import sender_of

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
        self.token_seal = gate.seal("form")

    def choose(
        self, request: PageRequest, visit: Visit, asked: Asked, shown: Shown | None = None
    ) -> None:
        """
        Make the choice that is asked for.

        Args:
            request: What brought it.
            visit: Whose choice it is.
            asked: What is asked for.
            shown: What the visitor was shown.

        Raises:
            Refused: Another site sent it, it names what is not there to be chosen, or there were
                too many. What it takes back is taken back where that is all that is wrong.
        """
        self._check_sender(request, visit, asked)
        granted = self._granted(visit, asked)
        held = visit.consent
        # What takes back is never limited.
        if not granted <= held.granted:
            wait = self._limiter.wait(visit.gate.clock())
            if wait:
                if not held.granted <= granted:
                    visit.choose(granted & held.allowed, shown=shown)
                raise Refused(
                    429, marked("Too many choices at once; try again shortly."), retry_after=wait
                )
        visit.choose(granted, shown=shown)

    def _check_sender(self, request: PageRequest, visit: Visit, asked: Asked) -> None:
        sender = sender_of(request, self._hosts)
        if sender == "other":
            raise Refused(403, marked("Another site sent this; nothing was changed."))
        if sender == "unsaid" and not is_bound(
            request, self.token_seal, asked.token, secure=visit.gate.is_secure
        ):
            raise Refused(
                403, marked("The form is too old, or cookies are off; open the settings again.")
            )

    def _granted(self, visit: Visit, asked: Asked) -> frozenset[str]:
        offered = visit.registry.offered
        if asked.answer == "all":
            return frozenset(offered) & visit.askable
        if asked.answer != "these":
            return frozenset()
        for id in asked.categories:
            if id not in visit.registry.categories:
                raise Refused(400, marked("A category was named that this site does not have."))
        return frozenset(asked.categories) & frozenset(offered) & visit.askable
