"""The registry file, read into frozen values, or into all of its problems at once."""

from .errors import Problem, RegistryError
from .lifetimes import Lifetime
from .model import Authority, Category, Controller, Entry, Ledger, Link, Service, Site
from .policy import MinimumAttributes, Policy, SameSiteNoneRule
from .registry import Registry

__all__ = [
    "Authority",
    "Category",
    "Controller",
    "Entry",
    "Ledger",
    "Lifetime",
    "Link",
    "MinimumAttributes",
    "Policy",
    "Problem",
    "Registry",
    "RegistryError",
    "SameSiteNoneRule",
    "Service",
    "Site",
]
