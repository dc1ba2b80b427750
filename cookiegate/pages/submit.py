"""Making the choice that a request brings: its sender, what the visitor saw, and the limit."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import msgspec

from cookiegate.consent.choice import Presentation, carried_grants
from cookiegate.enforcement.sweep import Swept
from cookiegate.gate import Gate
from cookiegate.registry.part_ids import category_of
from cookiegate.visit import Visit

from .csrf_origin import sender_of
from .csrf_token import is_bound
from .forms import MAX_ONCE, MIN_ONCE, ChoiceForm, ChoiceRejectedError
from .i18n import gettext_noop
from .messages import PageRequest
from .rate_limit import Limiter

__all__ = ["ChoiceHandler", "MadeChoice", "Present", "Submission"]

#: Returns the presentation of a form's page as it is now, and the part of its hash that the page
#: carries.
Present = Callable[[PageRequest, Visit, ChoiceForm], tuple[Presentation, str]]


class MadeChoice(msgspec.Struct, frozen=True):
    """A choice that was made. It takes effect with the response, once it is committed."""

    form: ChoiceForm
    #: What becomes of the cookies that the visitor does not allow.
    swept: Swept


# A choice that is made again later is another one.
_ONCE_SECONDS: Final = 600
# As long as the ids that a gate makes: 128 bits.
_ID_LENGTH: Final = 22

#: What became of a choice that was sent. A rejected one may have withdrawn something.
Submission = MadeChoice | ChoiceRejectedError


class ChoiceHandler:
    """
    Makes the choices that the site's own pages and scripts send.

    Args:
        gate: The gate whose keys sign the forms' tokens.
        hosts: The site's hosts; if empty, the host that a request was sent to.
        limiter: Limits choices that allow more, by client; withdrawals are not limited.
        present: Returns what the visitor was shown.
    """

    def __init__(
        self, gate: Gate, hosts: Collection[str], limiter: Limiter, present: Present
    ) -> None:
        self._token_signer = gate.signer("form")
        self._once_signer = gate.signer("once")
        self._hosts = hosts
        self._limiter = limiter
        self._present = present

    def submit(
        self, request: PageRequest, visit: Visit, read: Callable[[PageRequest], ChoiceForm]
    ) -> Submission:
        """
        Make the choice that a request brings.

        Args:
            request: The request.
            visit: Its visit, which receives the choice.
            read: Reads the request's body.
        """
        try:
            form = read(request)
            self._check_sender(request, visit, form)
            self._choose(request, visit, form)
        except ChoiceRejectedError as rejected:
            return rejected
        visit.context.sweep()
        return MadeChoice(form, visit.context.planned_sweep or Swept())

    def _check_sender(self, request: PageRequest, visit: Visit, form: ChoiceForm) -> None:
        secure = visit.context.gate.is_secure
        sender = sender_of(request, self._hosts, secure=secure)
        if sender == "other":
            detail = gettext_noop("Another site sent this. Nothing was changed.")
            raise ChoiceRejectedError(403, detail)
        if sender == "plain":
            detail = gettext_noop(
                "This page was opened over http, but this site saves choices over https only. "
                "Open it over https and choose again."
            )
            raise ChoiceRejectedError(403, detail)
        if sender == "unsaid" and not is_bound(
            request, self._token_signer, form.token, secure=secure
        ):
            detail = gettext_noop(
                "The form is too old, or cookies are blocked. Open the settings again."
            )
            raise ChoiceRejectedError(403, detail)

    def _choose(self, request: PageRequest, visit: Visit, form: ChoiceForm) -> None:
        presentation, has_changed = self._presentation(request, visit, form)
        named = _named(visit, form)
        registry, terms = visit.registry, visit.context.pipeline.terms
        unknown = named - registry.categories.keys() - frozenset().union(*registry.parts.values())
        if unknown and not has_changed:
            detail = gettext_noop("This site has no such category.")
            raise ChoiceRejectedError(400, detail)
        before = visit.consent
        offered = frozenset(registry.offered)
        wanted = terms.close(frozenset(id for id in named if category_of(id) in offered))
        # A signal limits what is allowed; it takes no grant back.
        chosen = wanted & visit.grantable
        blocked = before.granted - visit.grantable
        kept = terms.close(_kept(form, named)) & before.granted
        granted = terms.close(chosen | (kept & blocked))
        is_same = granted == before.granted and chosen <= before.allowed
        if not is_same or visit.context.has_several_choices:
            # The new record must not say that what a signal holds off was granted under it.
            granted = terms.close(chosen | (kept & carried_grants(before, terms)))
        rejected = None
        # No check stops a withdrawal: it is valid on whatever page it was made.
        if wanted - granted - before.granted:
            detail = gettext_noop(
                "Your browser sends a signal against tracking. As long as it does, this cannot be "
                "allowed."
            )
            rejected = ChoiceRejectedError(409, detail)
        elif has_changed and (unknown or not granted <= before.allowed | blocked):
            detail = gettext_noop(
                "What this site asks about has changed since this page was opened. "
                "Please look at it and choose again."
            )
            rejected = ChoiceRejectedError(409, detail)
        elif not granted <= before.granted and (wait := self._wait(visit)):
            detail = gettext_noop("Too many requests. Please try again later.")
            rejected = ChoiceRejectedError(429, detail, retry_after=wait)
        takes_back = not before.granted <= granted
        if rejected is not None:
            granted &= before.allowed | blocked
        if rejected is None or takes_back:
            visit.context.receipt_id = self._receipt_id(visit, form, granted)
            visit.choose(granted, presentation=presentation)
        if rejected is not None:
            raise rejected

    def _receipt_id(self, visit: Visit, form: ChoiceForm, granted: frozenset[str]) -> str | None:
        # A choice that is sent twice, as by a double click, gets the same id, and the ledger keeps
        # one receipt of it. Both requests have the consent cookie from before the choice.
        context = visit.context
        if not MIN_ONCE <= len(form.once) <= MAX_ONCE:
            return None
        cookie = context.pipeline.consent_cookie
        parts = [
            form.once,
            str(int(context.now // _ONCE_SECONDS)),
            *(value.decode("latin-1") for value in cookie.values(context.facts.cookies)),
            *sorted(granted),
            *sorted(context.facts.signals),
        ]
        signature = self._once_signer.sign("\n".join(parts)).rpartition(".")[2]
        return signature[:_ID_LENGTH]

    def _wait(self, visit: Visit) -> int:
        context = visit.context
        return self._limiter.wait(context.address(), context.now)

    def _presentation(
        self, request: PageRequest, visit: Visit, form: ChoiceForm
    ) -> tuple[Presentation | None, bool]:
        # What the visitor saw, and whether the page has changed since.
        if not (visit.context.is_recorded or form.shown):
            return None, False
        found, digits = self._present(request, visit, form)
        presentation = msgspec.structs.replace(found, sent_by=form.sent_by)
        if form.shown in ("", digits):
            return presentation, False
        # The page that the visitor saw cannot be made again.
        return msgspec.structs.replace(presentation, html=None), True


def _named(visit: Visit, form: ChoiceForm) -> frozenset[str]:
    if form.answer == "all":
        return frozenset(visit.registry.offered)
    return frozenset(form.categories if form.answer == "these" else ())


def _kept(form: ChoiceForm, named: frozenset[str]) -> frozenset[str]:
    # What stays granted if it is: what the choice names, and what no switch could be moved for.
    return named.union(form.kept) if form.answer == "these" else named
