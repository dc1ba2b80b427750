"""Cookiegate makes a site's cookie promise true: one registry says what each cookie is for, and
from it every outgoing `Set-Cookie` that the visitor has not allowed is held back."""

from .consent.choice import Choice as Choice
from .consent.choice import NotKeptError as NotKeptError
from .consent.choice import Presentation as Presentation
from .consent.choice import TooLateError as TooLateError
from .consent.model import Consent as Consent
from .enforcement.verdict import Reason as Reason
from .enforcement.verdict import Verdict as Verdict
from .gate import Gate as Gate
from .registry import Registry as Registry
from .registry import RegistryError as RegistryError
from .visit import Visit as Visit

__version__ = "0.1.0"

__all__ = [
    "Choice",
    "Consent",
    "Gate",
    "NotKeptError",
    "Presentation",
    "Reason",
    "Registry",
    "RegistryError",
    "TooLateError",
    "Verdict",
    "Visit",
]
