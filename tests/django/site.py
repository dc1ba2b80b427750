"""A Django site for tests: settings, made once for the process, and views."""

from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

GATE_MIDDLEWARE = "cookiegate.django.CookieGateMiddleware"
MIDDLEWARE = [
    GATE_MIDDLEWARE,
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "cookiegate.django",
        ],
        LANGUAGES=[("en", "English"), ("sv", "Swedish")],
        MIDDLEWARE=MIDDLEWARE,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF="tests.django.urls",
        SECRET_KEY="a key for the tests, of some length",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        COOKIEGATE_REGISTRY="cookiegate:starter",
        COOKIEGATE_SECURE=False,
        USE_TZ=True,
    )
    django.setup()

#: The view at "/any", which a test replaces.
answer: Callable[[Any], Any]
