"""Cookiegate makes a site's cookie promise true.

One registry says what each cookie is for. From it the gate strips every outgoing `Set-Cookie` that
the visitor has not allowed.
"""

from .consent.choice import Choice, NotKeptError, Presentation, Surface, TooLateError
from .consent.model import Consent, Record
from .consent.recording import AsyncRecorder, Recorder
from .enforcement.asked_late import AskedTooLateError
from .enforcement.judge import Hook, Mode
from .enforcement.verdict import Reason, Verdict
from .errors import CookiegateError
from .gate import Gate
from .http.signals import Signal
from .loops import SPEEDUPS
from .registry import Registry, RegistryError
from .visit import Visit

__version__ = "0.1.0"
#: What the hot loops are written in: "c", or "pure" for Python.
__speedups__: str = SPEEDUPS

__all__ = [
    "AskedTooLateError",
    "AsyncRecorder",
    "Choice",
    "Consent",
    "CookiegateError",
    "Gate",
    "Hook",
    "Mode",
    "NotKeptError",
    "Presentation",
    "Reason",
    "Record",
    "Recorder",
    "Registry",
    "RegistryError",
    "Signal",
    "Surface",
    "TooLateError",
    "Verdict",
    "Visit",
]
