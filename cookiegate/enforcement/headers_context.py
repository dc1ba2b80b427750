"""The context of a request without an adapter."""

from __future__ import annotations

from cookiegate.consent.model import Consent
from cookiegate.http.request import RawHeaders, RequestFacts, read_request

from .context import GateProtocol, RequestContext

__all__ = ["HeadersContext"]


class HeadersContext(RequestContext, eq=False):
    """
    The context of a request that is given as headers, or of a known consent.

    Args:
        source: The request's headers: (name, value) pairs of bytes.
        given_host: The request's host; None for its Host header.
        given_path: The request's path, without the query.
        method: The request's method.
    """

    given_host: str | bytes | None = None
    given_path: bytes = b"/"
    method: str = "GET"

    @classmethod
    def known(
        cls,
        gate: GateProtocol,
        consent: Consent,
        *,
        host: str | bytes | None,
        now: float,
    ) -> HeadersContext:
        """Return the context of a request with this consent, host and time (Unix seconds)."""
        context = cls(gate, gate.pipeline, ())
        context._facts = RequestFacts(host=host)
        context._consent, context._now = consent, now
        return context

    def read_facts(self) -> RequestFacts:
        """Read the headers."""
        headers: RawHeaders = self.source
        return read_request(headers, host=self.given_host, method=self.method)

    def may_open_page(self) -> bool:
        """Return whether the method is that of a page load."""
        return self.method == "GET"

    def plain_cookies(self) -> tuple[bytes, ...] | None:
        """Return None: the facts are read."""
        return None

    def path(self) -> bytes:
        """Return the path that was given."""
        return self.given_path

    def address(self) -> str | None:
        """Return None: headers do not say where a request comes from."""
        return None
