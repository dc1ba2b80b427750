"""Applications of Flask, Quart and their extensions."""

from __future__ import annotations

import json
from typing import Any

from .browser import Site
from .trials import KEY, hidden_field, load, trial


def _flask(**config: Any) -> Any:
    app = load("flask").Flask("shop")
    app.config.update(SECRET_KEY=KEY, **config)
    return app


class User:
    """A user, as login extensions need one."""

    id = "ann"
    auth_id = "ann"
    is_active = is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.id


@trial("flask")
def flask(site: Site) -> None:
    session = load("flask").session
    app = _flask()
    app.add_url_rule("/", "home", lambda: str(session.setdefault("seen", 1)))
    app.add_url_rule("/seen", "seen", lambda: str(session.get("seen")))
    browser = site.wsgi(app)
    browser.get("/")
    assert browser.get("/seen").text == "1"


@trial("flask-login")
def flask_login(site: Site) -> None:
    login = load("flask_login")
    app = _flask()
    login.LoginManager(app).user_loader(lambda id: User())
    app.add_url_rule("/in", "in", lambda: str(login.login_user(User(), remember=True)))
    app.add_url_rule("/me", "me", lambda: str(getattr(login.current_user, "id", "")))
    browser = site.wsgi(app)
    browser.get("/in")
    assert browser.get("/me").text == "ann"
    del browser.jar["session"]
    assert browser.get("/me").text == "ann"


@trial("flask-wtf")
def flask_wtf(site: Site) -> None:
    csrf = load("flask_wtf.csrf")
    app = _flask()
    csrf.CSRFProtect(app)
    app.add_url_rule("/", "home", csrf.generate_csrf)
    app.add_url_rule("/form", "form", lambda: "posted", methods=["POST"])
    browser = site.wsgi(app)
    token = browser.get("/").text
    assert browser.post("/form", {"csrf_token": token}).text == "posted"


@trial(
    "flask-security-too", "flask-security-too[common,mfa]", "flask-sqlalchemy", "sqlalchemy-utils"
)
def flask_security(site: Site) -> None:
    security = load("flask_security")
    models = load("flask_security.models.fsqla_v4")
    database = load("flask_sqlalchemy").SQLAlchemy()
    app = _flask(
        SECURITY_PASSWORD_SALT="146585145368132386173505678016728509634",
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SQLALCHEMY_DATABASE_URI="sqlite://",
        # As its documentation writes it for applications in the browser.
        SECURITY_CSRF_COOKIE_NAME="XSRF-TOKEN",
        SECURITY_REFRESH_TOKEN=True,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=False,
        SECURITY_TOTP_SECRETS={"1": "TjQ9Qa31VOrfEzuPy4VHQWPCTmRzCnFzMKLxXYiZu9B"},
        SECURITY_TOTP_ISSUER="shop",
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    database.init_app(app)
    models.FsModels.set_db_info(database)
    made = {
        name: type(name, (database.Model, getattr(models, f"Fs{name.removeprefix('Fs')}Mixin")), {})
        for name in ("User", "Role", "WebAuthn", "FsRefreshTracker")
    }
    store = security.SQLAlchemyUserDatastore(database, *made.values())
    load("flask_wtf.csrf").CSRFProtect(app)
    security.Security(app, store)
    with app.app_context():
        database.create_all()
        secret = app.extensions["security"]._totp_factory.generate_totp_secret()
        password = security.hash_password("a long password")
        store.create_user(
            email="ann@example.com",
            password=password,
            tf_primary_method="authenticator",
            tf_totp_secret=secret,
        )
        database.session.commit()
        code = app.extensions["security"]._totp_factory.generate_totp_password(secret)
    browser = site.wsgi(app)
    token = browser.get("/login", accept="application/json", content_type="application/json")
    csrf = {"x_xsrf_token": str(json.loads(token.text)["response"]["csrf_token"])}
    form = {"email": "ann@example.com", "password": "a long password", "remember": True}
    url = "/login?include_refresh_token=&include_auth_token="
    assert browser.post(url, data=form, accept="application/json", **csrf).status == 200
    answer = browser.post(
        "/tf-validate?include_refresh_token=&include_auth_token=",
        data={"code": code, "remember": True},
        accept="application/json",
        **csrf,
    )
    assert answer.status == 200, answer.text


@trial("flask-jwt-extended")
def flask_jwt_extended(site: Site) -> None:
    flask, jwt = load("flask"), load("flask_jwt_extended")
    app = _flask(JWT_TOKEN_LOCATION=["cookies"], JWT_COOKIE_SECURE=False)
    jwt.JWTManager(app)

    def login() -> Any:
        response = flask.make_response("")
        jwt.set_access_cookies(response, jwt.create_access_token("ann"))
        jwt.set_refresh_cookies(response, jwt.create_refresh_token("ann"))
        return response

    app.add_url_rule("/in", "in", login)
    app.add_url_rule("/me", "me", jwt.jwt_required()(lambda: str(jwt.get_jwt_identity())))
    app.add_url_rule("/do", "do", jwt.jwt_required()(lambda: "done"), methods=["POST"])
    browser = site.wsgi(app)
    browser.get("/in")
    assert browser.get("/me").text == "ann"
    answer = browser.post("/do", x_csrf_token=browser.jar["csrf_access_token"])
    assert answer.text == "done"


@trial("flask-seasurf")
def flask_seasurf(site: Site) -> None:
    app = _flask()
    load("flask_seasurf").SeaSurf(app)
    app.add_url_rule("/", "home", lambda: "home")
    app.add_url_rule("/form", "form", lambda: "posted", methods=["POST"])
    browser = site.wsgi(app)
    browser.get("/")
    token = browser.jar["_csrf_token"]
    assert browser.post("/form", {"_csrf_token": token}).text == "posted"


@trial("flask-session", "cachelib")
def flask_session(site: Site) -> None:
    session = load("flask").session
    cache = load("cachelib.simple").SimpleCache()
    app = _flask(SESSION_TYPE="cachelib", SESSION_CACHELIB=cache)
    load("flask_session").Session(app)
    app.add_url_rule("/", "home", lambda: str(session.setdefault("seen", 1)))
    app.add_url_rule("/seen", "seen", lambda: str(session.get("seen")))
    browser = site.wsgi(app)
    browser.get("/")
    assert browser.get("/seen").text == "1"


@trial("flask-appbuilder", "flask-sqlalchemy")
def flask_appbuilder(site: Site) -> None:
    builder = load("flask_appbuilder")
    app = _flask(SQLALCHEMY_DATABASE_URI="sqlite://", AUTH_RATE_LIMITED=False)
    load("flask_wtf.csrf").CSRFProtect(app)
    database = load("flask_sqlalchemy").SQLAlchemy(app, model_class=builder.Model)
    with app.app_context():
        made = builder.AppBuilder(app, database.session)
        made.add_permissions()
        role = made.sm.add_role("Admin")
        made.sm.add_user("ann", "Ann", "Lee", "ann@example.com", role, "a long password")
    browser = site.wsgi(app)
    token = hidden_field(browser.get("/login/").text, "csrf_token")
    form = {"username": "ann", "password": "a long password", "csrf_token": token}
    browser.post("/login/", form)
    assert "/logout" in browser.get("/").text


@trial("flask-dance")
def flask_dance(site: Site) -> None:
    app = _flask()
    make = load("flask_dance.contrib.github").make_github_blueprint
    app.register_blueprint(make(client_id="a", client_secret="b"), url_prefix="/login")
    browser = site.wsgi(app)
    assert browser.get("/login/github").status == 302


@trial("flask-simplelogin")
def flask_simplelogin(site: Site) -> None:
    app = _flask(SIMPLELOGIN_USERNAME="ann", SIMPLELOGIN_PASSWORD="secret")
    load("flask_simplelogin").SimpleLogin(app)
    app.add_url_rule("/", "home", lambda: str(load("flask_simplelogin").is_logged_in()))
    browser = site.wsgi(app)
    token = hidden_field(browser.get("/login/").text, "csrf_token")
    form = {"username": "ann", "password": "secret", "csrf_token": token}
    browser.post("/login/", form)
    assert browser.get("/").text == "True"


@trial("dash-auth")
def dash_auth(site: Site) -> None:
    dash = load("dash")
    app = dash.Dash("shop")
    app.layout = dash.html.Div()
    load("dash_auth").BasicAuth(
        app, {"ann": "secret"}, user_groups={"ann": ["admin"]}, secret_key=KEY
    )
    browser = site.wsgi(app.server)
    assert browser.get("/", authorization="Basic YW5uOnNlY3JldA==").status == 200


@trial("authlib", "flask", "requests")
def authlib(site: Site) -> None:
    app = _flask()
    oauth = load("authlib.integrations.flask_client").OAuth(app)
    provider = oauth.register(
        "provider",
        client_id="a",
        client_secret="b",
        authorize_url="https://provider.example/authorize",
        access_token_url="https://provider.example/token",
    )
    callback = "https://localhost/callback"
    app.add_url_rule("/login", "login", lambda: provider.authorize_redirect(callback))
    assert site.wsgi(app).get("/login").status == 302


@trial("quart")
def quart(site: Site) -> None:
    module = load("quart")
    app = module.Quart("shop")
    app.secret_key = KEY

    async def home() -> str:
        return str(module.session.setdefault("seen", 1))

    async def seen() -> str:
        return str(module.session.get("seen"))

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/seen", "seen", seen)
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/seen").text == "1"


@trial("quart-auth")
def quart_auth(site: Site) -> None:
    auth = load("quart_auth")
    app = load("quart").Quart("shop")
    app.secret_key = KEY
    app.config["QUART_AUTH_COOKIE_SECURE"] = False
    auth.QuartAuth(app)

    async def login() -> str:
        auth.login_user(auth.AuthUser("ann"), True)
        return ""

    async def me() -> str:
        return str(auth.current_user.auth_id)

    app.add_url_rule("/in", "in", login)
    app.add_url_rule("/me", "me", me)
    browser = site.asgi(app)
    browser.get("/in")
    assert browser.get("/me").text == "ann"
