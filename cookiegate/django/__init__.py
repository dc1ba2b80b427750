"""Django: a middleware, settings, system checks and template tags.

`"cookiegate.django"` in INSTALLED_APPS, `"cookiegate.django.CookieGateMiddleware"` first in
MIDDLEWARE; the visit is `request.cookiegate`.
"""

from .middleware import CookieGateMiddleware

__all__ = ["CookieGateMiddleware"]
