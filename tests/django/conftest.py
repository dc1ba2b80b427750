"""Django's settings, before anything of it is imported."""

from tests.django import site

__all__ = ["site"]
