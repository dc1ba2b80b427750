"""Applications of Django and its packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .browser import Browser, Site
from .trials import KEY, hidden_field, load, trial

View = Callable[[Any], Any]

_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def _settings(apps: list[str], middleware: list[str], **settings: Any) -> None:
    """Set up Django with a database in memory. The urls are those of `_urls`."""
    django, conf = load("django"), load("django.conf")
    conf.settings.configure(
        SECRET_KEY=KEY,
        ALLOWED_HOSTS=["localhost"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[*_APPS, *apps],
        MIDDLEWARE=[*_MIDDLEWARE, *middleware],
        ROOT_URLCONF=__name__,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                },
            },
        ],
        **settings,
    )
    django.setup()
    load("django.core.management").call_command("migrate", verbosity=0, run_syncdb=True)


#: The urlconf.
urlpatterns: list[Any] = []


def _urls(*views: View, include: dict[str, Any] | None = None) -> None:
    """Make each view a page of its name; include other urlconfs under their prefixes."""
    urls = load("django.urls")
    urlpatterns[:] = [urls.path(view.__name__, view) for view in views]
    for prefix, module in (include or {}).items():
        urlpatterns.append(urls.path(prefix, urls.include(module)))


def _open(site: Site) -> Browser:
    return site.wsgi(load("django.core.wsgi").get_wsgi_application())


def _answer(text: object) -> Any:
    return load("django.http").HttpResponse(str(text))


def _user(name: str = "ann", **traits: Any) -> Any:
    model = load("django.contrib.auth").get_user_model()
    return model.objects.create_user(name, f"{name}@example.com", "a long password", **traits)


def enter(request: Any) -> Any:
    """Log ann in."""
    auth = load("django.contrib.auth")
    user = auth.get_user_model().objects.get(username="ann")
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return _answer("")


def me(request: Any) -> Any:
    """Say who is logged in."""
    return _answer(request.user.get_username())


def token(request: Any) -> Any:
    """Say the CSRF token."""
    return _answer(load("django.middleware.csrf").get_token(request))


def form(request: Any) -> Any:
    """Accept a form."""
    return _answer("posted")


@trial("django")
def django(site: Site) -> None:
    storage = "django.contrib.messages.storage.cookie.CookieStorage"
    locale = "django.middleware.locale.LocaleMiddleware"
    _settings(
        ["django.contrib.messages"],
        ["django.contrib.messages.middleware.MessageMiddleware", locale],
        MESSAGE_STORAGE=storage,
    )
    messages = load("django.contrib.messages")

    def say(request: Any) -> Any:
        messages.success(request, "saved")
        return _answer("")

    def heard(request: Any) -> Any:
        return _answer(",".join(map(str, messages.get_messages(request))))

    _urls(enter, me, token, form, say, heard, include={"i18n/": "django.conf.urls.i18n"})
    _user()
    browser = _open(site)
    browser.get("/enter")
    assert browser.get("/me").text == "ann"
    csrf = browser.get("/token").text
    assert browser.post("/form", {"csrfmiddlewaretoken": csrf}).text == "posted"
    browser.get("/say")
    assert browser.get("/heard").text == "saved"
    browser.post("/i18n/setlang/", {"language": "sv", "csrfmiddlewaretoken": csrf})
    assert browser.jar["django_language"] == "sv"


@trial("django-formtools")
def django_formtools(site: Site) -> None:
    _settings(["formtools"], [])
    forms, http = load("django.forms"), load("django.http")
    views = load("formtools.wizard.views")
    step = type("Step", (forms.Form,), {"name": forms.CharField()})

    def done(self: Any, form_list: Any, **options: Any) -> Any:
        return http.HttpResponse("done")

    def render(self: Any, form: Any = None, **options: Any) -> Any:
        return http.HttpResponse(str(self.steps.current))

    traits = {"form_list": [step, step], "done": done, "render": render}
    wizard: Any = type("ContactWizard", (views.CookieWizardView,), traits)
    urlpatterns[:] = [
        load("django.urls").path("wizard", wizard.as_view()),
        load("django.urls").path("token", token),
    ]
    browser = _open(site)
    csrf = browser.get("/token").text
    assert browser.get("/wizard").text == "0"
    fields = {"contact_wizard-current_step": "0", "0-name": "Ann", "csrfmiddlewaretoken": csrf}
    assert browser.post("/wizard", fields).text == "1"


@trial("django-allauth", "django-allauth[mfa]")
def django_allauth(site: Site) -> None:
    _settings(
        ["django.contrib.messages", "allauth", "allauth.account", "allauth.mfa"],
        [
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_EMAIL_VERIFICATION="none",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        MFA_TRUST_ENABLED=True,
    )
    _urls(me, include={"": "allauth.urls"})
    codes = load("allauth.mfa.recovery_codes.internal.auth").RecoveryCodes
    user = _user()
    load("allauth.mfa.totp.internal.auth").TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    code = codes.activate(user).get_unused_codes()[0]
    browser = _open(site)
    csrf = hidden_field(browser.get("/login/").text, "csrfmiddlewaretoken")
    fields = {"login": "ann", "password": "a long password", "csrfmiddlewaretoken": csrf}
    assert browser.post("/login/", fields).header("location").startswith("/2fa/authenticate")
    browser.post("/2fa/authenticate/", {"code": code, "csrfmiddlewaretoken": csrf})
    assert browser.get("/2fa/trust/").status == 200
    browser.post("/2fa/trust/", {"action": "trust", "csrfmiddlewaretoken": csrf})
    assert browser.get("/me").text == "ann"


@trial("django-hijack")
def django_hijack(site: Site) -> None:
    _settings(["hijack"], ["hijack.middleware.HijackUserMiddleware"], LOGIN_REDIRECT_URL="/me")
    _urls(enter, me, token, include={"hijack/": "hijack.urls"})
    _user(is_superuser=True, is_staff=True)
    other = _user("bob")
    browser = _open(site)
    browser.get("/enter")
    csrf = browser.get("/token").text
    browser.post("/hijack/acquire/", {"user_pk": other.pk, "csrfmiddlewaretoken": csrf})
    assert browser.get("/me").text == "bob"


@trial("django-two-factor-auth", "django-two-factor-auth[phonenumberslite]")
def django_two_factor_auth(site: Site) -> None:
    otp = ["django_otp", "django_otp.plugins.otp_static", "django_otp.plugins.otp_totp"]
    _settings(
        [*otp, "two_factor"],
        ["django_otp.middleware.OTPMiddleware"],
        TWO_FACTOR_REMEMBER_COOKIE_AGE=30 * 24 * 60 * 60,
        LOGIN_REDIRECT_URL="/me",
    )
    urls = load("django.urls")
    urlpatterns[:] = [urls.path("", urls.include(load("two_factor.urls").urlpatterns))]
    urlpatterns.append(urls.path("me", me))
    totp, oath = load("django_otp.plugins.otp_totp.models"), load("django_otp.oath")
    device = totp.TOTPDevice.objects.create(user=_user(), name="default", confirmed=True)
    browser = _open(site)
    login = browser.get("/account/login/")
    csrf = hidden_field(login.text, "csrfmiddlewaretoken")
    view = {"csrfmiddlewaretoken": csrf, "login_view-current_step": "auth"}
    view |= {"auth-username": "ann", "auth-password": "a long password"}
    assert browser.post("/account/login/", view).status == 200
    view = {"csrfmiddlewaretoken": csrf, "login_view-current_step": "token"}
    view |= {"token-otp_token": f"{oath.totp(device.bin_key):06}", "token-remember": "on"}
    answer = browser.post("/account/login/", view)
    assert browser.get("/me").text == "ann", answer.text


@trial("django-otp")
def django_otp(site: Site) -> None:
    _settings(["django_otp"], ["django_otp.middleware.OTPMiddleware"])
    _urls(enter, me)
    _user()
    browser = _open(site)
    browser.get("/enter")
    assert browser.get("/me").text == "ann"


@trial("djangosaml2")
def djangosaml2(site: Site) -> None:
    _settings(["djangosaml2"], ["djangosaml2.middleware.SamlSessionMiddleware"])

    def saml(request: Any) -> Any:
        request.saml_session["seen"] = 1
        return _answer("")

    def seen(request: Any) -> Any:
        return _answer(request.saml_session.get("seen"))

    _urls(saml, seen)
    browser = _open(site)
    browser.get("/saml")
    assert browser.get("/seen").text == "1"


@trial("django-waffle")
def django_waffle(site: Site) -> None:
    _settings(["waffle"], ["waffle.middleware.WaffleMiddleware"], WAFFLE_SECURE=False)
    waffle = load("waffle")

    def flag(request: Any) -> Any:
        return _answer(waffle.flag_is_active(request, "new_cart"))

    def tested(request: Any) -> Any:
        return _answer(waffle.flag_is_active(request, "new_page"))

    _urls(flag, tested)
    flags = waffle.get_waffle_flag_model().objects
    flags.create(name="new_cart", percent=99.9)
    flags.create(name="new_page", testing=True)
    browser = _open(site)
    first = browser.get("/flag").text
    assert browser.get("/flag").text == first
    browser.get("/tested?dwft_new_page=1")


@trial("django-cms", "packaging")
def django_cms(site: Site) -> None:
    middleware = ["user.CurrentUserMiddleware", "page.CurrentPageMiddleware"]
    middleware.append("toolbar.ToolbarMiddleware")
    _settings(
        [
            "django.contrib.admin",
            "django.contrib.messages",
            "django.contrib.sites",
            "cms",
            "menus",
            "treebeard",
            "sekizai",
        ],
        [
            "django.middleware.locale.LocaleMiddleware",
            *(f"cms.middleware.{one}" for one in middleware),
        ],
        SITE_ID=1,
        CMS_CONFIRM_VERSION4=True,
        LANGUAGE_CODE="en",
        LANGUAGES=[("en", "English"), ("sv", "Svenska")],
    )
    _urls(enter, me)
    _user()
    browser = _open(site)
    browser.get("/enter")
    assert browser.get("/me").text == "ann"


@trial("wagtail")
def wagtail(site: Site) -> None:
    names = ["admin", "users", "images", "documents", "search", "embeds", "sites", "snippets"]
    _settings(
        [
            "django.contrib.messages",
            *(f"wagtail.{name}" for name in names),
            "wagtail",
            "taggit",
            "modelcluster",
            "django.contrib.staticfiles",
        ],
        ["django.contrib.messages.middleware.MessageMiddleware"],
        WAGTAIL_SITE_NAME="shop",
        WAGTAILADMIN_BASE_URL="http://localhost",
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.AppDirectoriesFinder"],
    )
    _urls(me, include={"admin/": "wagtail.admin.urls"})
    _user(is_superuser=True)
    browser = _open(site)
    csrf = hidden_field(browser.get("/admin/login/").text, "csrfmiddlewaretoken")
    fields = {"username": "ann", "password": "a long password", "csrfmiddlewaretoken": csrf}
    assert browser.post("/admin/login/", fields).status == 302
    assert browser.get("/admin/").status == 200


@trial("django-oauth-toolkit")
def django_oauth_toolkit(site: Site) -> None:
    _settings(["oauth2_provider"], [], LOGIN_URL="/enter")
    _urls(enter, me, include={"o/": "oauth2_provider.urls"})
    user = _user()
    load("oauth2_provider.models").get_application_model().objects.create(
        client_id="shop",
        user=user,
        client_type="public",
        authorization_grant_type="authorization-code",
        redirect_uris="https://app.example/",
    )
    browser = _open(site)
    query = "/o/authorize/?client_id=shop&response_type=code&code_challenge=x"
    query += "&code_challenge_method=S256"
    assert browser.get(query).header("location").startswith("/enter")
    browser.get("/enter")
    assert browser.get(query).status == 200


@trial("dj-rest-auth", "djangorestframework-simplejwt")
def dj_rest_auth(site: Site) -> None:
    _settings(
        ["rest_framework", "rest_framework.authtoken", "dj_rest_auth"],
        [],
        REST_AUTH={
            "USE_JWT": True,
            "JWT_AUTH_COOKIE": "jwt-auth",
            "TOKEN_MODEL": None,
            "JWT_AUTH_REFRESH_COOKIE": "jwt-refresh-token",
        },
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": ["dj_rest_auth.jwt_auth.JWTCookieAuthentication"],
        },
    )
    _urls(include={"": "dj_rest_auth.urls"})
    _user()
    browser = _open(site)
    browser.post("/login/", data={"username": "ann", "password": "a long password"})
    assert '"ann"' in browser.get("/user/").text


@trial("django-user-sessions", "setuptools<81")
def django_user_sessions(site: Site) -> None:
    _MIDDLEWARE[0] = "user_sessions.middleware.SessionMiddleware"
    _APPS.remove("django.contrib.sessions")
    _settings(["user_sessions"], [], SESSION_ENGINE="user_sessions.backends.db")
    _urls(enter, me)
    _user()
    browser = _open(site)
    browser.get("/enter")
    assert browser.get("/me").text == "ann"


@trial("mozilla-django-oidc")
def mozilla_django_oidc(site: Site) -> None:
    _settings(
        ["mozilla_django_oidc"],
        [],
        OIDC_RP_CLIENT_ID="a",
        OIDC_RP_CLIENT_SECRET="b",
        OIDC_OP_AUTHORIZATION_ENDPOINT="https://provider.example/authorize",
        OIDC_OP_TOKEN_ENDPOINT="https://provider.example/token",
        OIDC_OP_USER_ENDPOINT="https://provider.example/user",
    )
    _urls(include={"oidc/": "mozilla_django_oidc.urls"})
    assert _open(site).get("/oidc/authenticate/").status == 302


@trial("social-auth-app-django")
def social_auth(site: Site) -> None:
    _settings(
        ["social_django"],
        [],
        AUTHENTICATION_BACKENDS=["social_core.backends.github.GithubOAuth2"],
        SOCIAL_AUTH_GITHUB_KEY="a",
        SOCIAL_AUTH_GITHUB_SECRET="b",
    )
    _urls(token, include={"": "social_django.urls"})
    browser = _open(site)
    csrf = browser.get("/token").text
    assert browser.post("/login/github/", {"csrfmiddlewaretoken": csrf}).status == 302
