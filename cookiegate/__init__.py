"""Cookiegate makes a site's cookie promise true: one registry says what each cookie is for, and
from it every outgoing `Set-Cookie` that the visitor has not allowed is held back."""

from .choice import Choice as Choice
from .choice import NotKept as NotKept
from .choice import Shown as Shown
from .choice import TooLate as TooLate
from .consent import Consent as Consent
from .gate import Gate as Gate
from .registry import Registry as Registry
from .registry import RegistryError as RegistryError
from .verdict import Reason as Reason
from .verdict import Verdict as Verdict
from .visit import Visit as Visit

__version__ = "0.1.0"

__all__ = [
    "Choice",
    "Consent",
    "Gate",
    "NotKept",
    "Reason",
    "Registry",
    "RegistryError",
    "Shown",
    "TooLate",
    "Verdict",
    "Visit",
]
