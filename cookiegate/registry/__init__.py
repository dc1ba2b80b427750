"""The registry file, read into frozen values; everything wrong with it is told at once."""

from .lifetimes import Lifetime
from .model import (
    Authority,
    Category,
    Controller,
    Entry,
    Floor,
    Ledger,
    Link,
    Policy,
    SameSiteNoneRule,
    Service,
    Site,
)
from .problems import Problem, RegistryError
from .registry import Registry

__all__ = [
    "Authority",
    "Category",
    "Controller",
    "Entry",
    "Floor",
    "Ledger",
    "Lifetime",
    "Link",
    "Policy",
    "Problem",
    "Registry",
    "RegistryError",
    "SameSiteNoneRule",
    "Service",
    "Site",
]
