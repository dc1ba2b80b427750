"""The Django application, for INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

__all__ = ["CookieGateConfig"]


class CookieGateConfig(AppConfig):
    """Registers the system checks; the template tags come with it."""

    name = "cookiegate.django"
    label = "cookiegate"
    verbose_name: str = "Cookiegate"

    def ready(self) -> None:
        """Register the checks."""
        from .checks import check_settings

        register(check_settings)
