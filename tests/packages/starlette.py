"""Applications of Starlette, FastAPI and their packages."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from .browser import Site
from .trials import KEY, hidden_field, load, trial


def _starlette(pages: dict[str, Any], *middleware: tuple[Any, dict[str, Any]]) -> Any:
    """Return an application; a page is GET and POST."""
    routing = load("starlette.routing")
    wrapped = load("starlette.middleware").Middleware
    routes = [routing.Route(path, page, methods=["GET", "POST"]) for path, page in pages.items()]
    return load("starlette.applications").Starlette(
        routes=routes, middleware=[wrapped(one, **options) for one, options in middleware]
    )


def _text(text: object) -> Any:
    return load("starlette.responses").PlainTextResponse(str(text))


def _sessions() -> tuple[Any, dict[str, Any]]:
    return load("starlette.middleware.sessions").SessionMiddleware, {"secret_key": KEY}


async def count(request: Any) -> Any:
    """Count visits in the session."""
    request.session["seen"] = request.session.get("seen", 0) + 1
    return _text(request.session["seen"])


@trial("starlette", "itsdangerous")
def starlette(site: Site) -> None:
    browser = site.asgi(_starlette({"/": count}, _sessions()))
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("starlette-csrf")
def starlette_csrf(site: Site) -> None:
    async def form(request: Any) -> Any:
        return _text("posted")

    csrf = load("starlette_csrf").CSRFMiddleware, {"secret": KEY}
    browser = site.asgi(_starlette({"/": form}, csrf))
    browser.get("/")
    assert browser.post("/", x_csrftoken=browser.jar["csrftoken"]).text == "posted"


@trial("asgi-csrf", "starlette")
def asgi_csrf(site: Site) -> None:
    async def page(request: Any) -> Any:
        return _text(request.scope["csrftoken"]())

    app = load("asgi_csrf").asgi_csrf(_starlette({"/": page}), signing_secret=KEY)
    browser = site.asgi(app)
    token = browser.get("/").text
    assert browser.post("/", {"csrftoken": token}).status == 200


@trial("starlette-wtf", "itsdangerous", "python-multipart")
def starlette_wtf(site: Site) -> None:
    wtf = load("starlette_wtf")

    async def form(request: Any) -> Any:
        return _text(wtf.csrf_token(request) if request.method == "GET" else "posted")

    csrf = wtf.CSRFProtectMiddleware, {"csrf_secret": KEY}
    browser = site.asgi(_starlette({"/": wtf.csrf_protect(form)}, _sessions(), csrf))
    token = browser.get("/").text
    assert browser.post("/", {"csrf_token": token}).text == "posted"


@trial("starsessions")
def starsessions(site: Site) -> None:
    module = load("starsessions")
    session = (
        module.SessionMiddleware,
        {"store": module.InMemoryStore(), "cookie_https_only": False},
    )
    app = _starlette({"/": count}, session, (module.SessionAutoloadMiddleware, {}))
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("starlette-admin", "sqlalchemy[asyncio]", "itsdangerous", "python-multipart")
def starlette_admin(site: Site) -> None:
    orm = load("sqlalchemy.orm")
    sqlalchemy = load("sqlalchemy")
    base = orm.declarative_base()
    traits = {
        "__tablename__": "cups",
        "id": sqlalchemy.Column(sqlalchemy.Integer, primary_key=True),
        "name": sqlalchemy.Column(sqlalchemy.String),
    }
    cup = type("Cup", (base,), traits)
    pool = load("sqlalchemy.pool").StaticPool
    engine = sqlalchemy.create_engine(
        "sqlite://", connect_args={"check_same_thread": False}, poolclass=pool
    )
    base.metadata.create_all(engine)
    contrib = load("starlette_admin.contrib.sqla")
    app = _starlette({})
    admin = contrib.Admin(engine, secret_key=KEY)
    admin.add_view(contrib.ModelView(cup))
    admin.mount_to(app)
    browser = site.asgi(app)
    page = browser.get("/admin/cup/create")
    token = hidden_field(page.text, "csrftoken")
    answer = browser.post("/admin/cup/create", {"name": "blue", "csrftoken": token})
    assert answer.status == 303, answer.text[:3000]


@trial("sqladmin", "itsdangerous", "sqlalchemy[asyncio]")
def sqladmin(site: Site) -> None:
    module, backend = load("sqladmin"), load("sqladmin.authentication").AuthenticationBackend
    engine = load("sqlalchemy").create_engine("sqlite://")

    async def login(self: Any, request: Any) -> bool:
        request.session["user"] = "ann"
        return True

    async def authenticate(self: Any, request: Any) -> bool:
        return "user" in request.session

    traits = {"login": login, "authenticate": authenticate}
    app = _starlette({})
    made = type("Backend", (backend,), traits)(secret_key=KEY)
    i18n = load("sqladmin.i18n").I18nConfig
    options: dict[str, Any] = {"authentication_backend": made}
    options["i18n_config"] = i18n(language_switcher=["en", "de"])
    module.Admin(app, engine, **options)
    browser = site.asgi(app)
    assert browser.get("/admin/").status == 302
    browser.post("/admin/login", {"username": "ann", "password": "secret"})
    assert browser.get("/admin/?lang=de").status == 200


@trial("fastapi-users", "fastapi")
def fastapi_users(site: Site) -> None:
    transport = load("fastapi_users.authentication").CookieTransport
    app = load("fastapi").FastAPI()

    async def login() -> Any:
        return await transport(cookie_secure=False).get_login_response("token")

    async def again(request: Any) -> Any:
        return _text(request.cookies.get("fastapiusersauth"))

    app.add_api_route("/in", login, methods=["POST"])
    app.add_route("/me", again)
    browser = site.asgi(app)
    assert browser.post("/in").status == 204
    assert browser.get("/me").text == "token"


@trial("fastapi-csrf-protect", "fastapi")
def fastapi_csrf_protect(site: Site) -> None:
    protect = load("fastapi_csrf_protect").CsrfProtect
    protect.load_config(lambda: [("secret_key", KEY), ("cookie_samesite", "lax")])
    app = load("fastapi").FastAPI()

    async def page(request: Any) -> Any:
        token, signed = protect().generate_csrf_tokens()
        response = _text(token)
        protect().set_csrf_cookie(signed, response)
        return response

    async def form(request: Any) -> Any:
        await protect().validate_csrf(request)
        return _text("posted")

    app.add_route("/", page, methods=["GET"])
    app.add_route("/form", form, methods=["POST"])
    browser = site.asgi(app)
    token = browser.get("/").text
    assert browser.post("/form", x_csrf_token=token).text == "posted"


@trial("fastapi-login")
def fastapi_login(site: Site) -> None:
    manager = load("fastapi_login").LoginManager(KEY, "/in", use_cookie=True)
    manager.user_loader()(lambda name: {"name": name})
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = _text("")
        manager.set_cookie(response, manager.create_access_token(data={"sub": "ann"}))
        return response

    async def me(request: Any) -> Any:
        return _text((await manager(request))["name"])

    app.add_route("/in", login)
    app.add_route("/me", me)
    browser = site.asgi(app)
    browser.get("/in")
    assert browser.get("/me").text == "ann"


@trial("fastapi-sso")
def fastapi_sso(site: Site) -> None:
    sso = load("fastapi_sso.sso.github").GithubSSO(
        "a", "b", "http://localhost/callback", allow_insecure_http=True
    )
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        async with sso:
            return await sso.get_login_redirect()

    sso.uses_pkce = True
    app.add_route("/in", login)
    assert site.asgi(app).get("/in").status == 303


@trial("authx")
def authx(site: Site) -> None:
    module = load("authx")
    config = module.AuthXConfig(
        JWT_SECRET_KEY=KEY, JWT_TOKEN_LOCATION=["cookies"], JWT_COOKIE_SECURE=False
    )
    auth = module.AuthX(config=config)
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = _text("")
        auth.set_access_cookies(auth.create_access_token("ann"), response)
        auth.set_refresh_cookies(auth.create_refresh_token("ann"), response)
        return response

    app.add_route("/in", login)
    browser = site.asgi(app)
    browser.get("/in")
    assert "access_token_cookie" in browser.jar


@trial("async-fastapi-jwt-auth", "fastapi")
def async_fastapi_jwt_auth(site: Site) -> None:
    auth = load("async_fastapi_jwt_auth").AuthJWT
    options = {"authjwt_secret_key": KEY, "authjwt_token_location": {"cookies"}}
    auth.load_config(lambda: list(options.items()))
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = _text("")
        made = auth(request, response)
        await made.set_access_cookies(await made.create_access_token("ann"))
        await made.set_refresh_cookies(await made.create_refresh_token("ann"))
        return response

    app.add_route("/in", login)
    browser = site.asgi(app)
    browser.get("/in")
    assert "access_token_cookie" in browser.jar


@trial("fastapi-jwt", "fastapi-jwt[python-jose]")
def fastapi_jwt(site: Site) -> None:
    access = load("fastapi_jwt").JwtAccessCookie(secret_key=KEY)
    refresh = load("fastapi_jwt").JwtRefreshCookie.from_other(access)
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = _text("")
        access.set_access_cookie(response, access.create_access_token({"id": "ann"}))
        refresh.set_refresh_cookie(response, refresh.create_refresh_token({"id": "ann"}))
        return response

    app.add_route("/in", login)
    browser = site.asgi(app)
    browser.get("/in")
    assert "access_token_cookie" in browser.jar


@trial("auth0-fastapi", "itsdangerous")
def auth0_fastapi(site: Site) -> None:
    config = load("auth0_fastapi.config").Auth0Config(
        domain="shop.example",
        client_id="a",
        client_secret="b",
        app_base_url="http://localhost",
        secret=KEY,
    )
    client = load("auth0_fastapi.auth.auth_client").AuthClient(config)
    server = client.client
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = _text("")
        options = {"request": request, "response": response}
        types = load("auth0_server_python.auth_types")
        data = types.TransactionData(code_verifier="x")
        state = types.StateData(
            user=types.UserClaims(sub="ann"), internal={"sid": "1", "created_at": 1}
        )
        await server._state_store.set("_a0_session", state, options=options)
        await server._transaction_store.set("_a0_tx", data, options=options)
        return response

    app.add_route("/in", login)
    browser = site.asgi(app)
    assert browser.get("/in").status == 200


@trial("piccolo-api", "fastapi")
def piccolo_api(site: Site) -> None:
    csrf = load("piccolo_api.csrf.middleware").CSRFMiddleware

    async def form(request: Any) -> Any:
        return _text("posted")

    browser = site.asgi(_starlette({"/": form}, (csrf, {"allowed_hosts": ["localhost"]})))
    browser.get("/")
    token = browser.jar["csrftoken"]
    headers = {"x_csrftoken": token, "referer": "http://localhost/"}
    assert browser.post("/", **headers).text == "posted"


@trial("python-fasthtml")
def fasthtml(site: Site) -> None:
    app = load("fasthtml.core").FastHTML(secret_key=KEY)

    async def page(request: Any) -> Any:
        return await count(request)

    app.router.routes.append(load("starlette.routing").Route("/", page))
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("datasette")
def datasette(site: Site) -> None:
    made = load("datasette.app").Datasette(memory=True, secret=KEY)
    made._root_token = "secret"
    app = made.app()
    browser = site.asgi(app)
    browser.get("/-/auth-token?token=secret")
    token = hidden_field(browser.get("/-/messages").text, "csrftoken")
    fields = {"message": "hello", "message_type": "all", "csrftoken": token}
    assert browser.post("/-/messages", fields).status == 302
    assert "root" in browser.get("/-/actor.json").text


@trial("solara")
def solara(site: Site) -> None:
    page = Path(tempfile.mkdtemp(), "page.py")
    page.write_text("import solara\n@solara.component\ndef Page():\n    solara.Text('hello')\n")
    os.environ["SOLARA_APP"] = str(page)
    app = load("solara.server.starlette").app
    browser = site.asgi(app)
    browser.get("/")
