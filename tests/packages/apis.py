"""Applications of ASGI frameworks that stand on nobody else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from .browser import Site
from .trials import KEY, load, trial


@trial("litestar", "litestar[cryptography]")
def litestar(site: Site) -> None:
    module = load("litestar")
    backend = load("litestar.middleware.session.client_side").CookieBackendConfig
    csrf = load("litestar.config.csrf").CSRFConfig
    request = module.Request

    async def home(request: Any) -> str:
        request.session["seen"] = request.session.get("seen", 0) + 1
        return str(request.session["seen"])

    async def form(request: Any) -> str:
        return "posted"

    for page in (home, form):
        page.__annotations__.update({"request": request, "return": str})
    app = module.Litestar(
        [module.get("/")(home), module.post("/form", status_code=200)(form)],
        middleware=[backend(secret=b"litestar's key!!").middleware],
        csrf_config=csrf(secret=KEY),
        logging_config=None,
    )
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/").text == "2"
    assert browser.post("/form", x_csrftoken=browser.jar["csrftoken"]).text == "posted"


@trial("blacksheep", "itsdangerous", "jinja2")
def blacksheep(site: Site) -> None:
    # The tag for forms of its templates needs a folder of templates.
    os.environ.update(APP_JINJA_PACKAGE_NAME="blacksheep", APP_JINJA_PACKAGE_PATH="server")
    module, csrf = load("blacksheep"), load("blacksheep.server.csrf")
    app = module.Application()
    app.use_sessions(KEY)
    csrf.use_anti_forgery(app)
    login = load("blacksheep.server.authentication.cookie").CookieAuthentication
    cookie = login(secret_keys=[KEY])

    async def home(request: Any) -> Any:
        request.session["seen"] = 1
        guard = next(one for one in app.middlewares if isinstance(one, csrf.AntiForgeryHandler))
        response = module.text(guard.get_tokens(request)[1])
        cookie.set_cookie({"sub": "ann"}, response)
        return response

    async def form(request: Any) -> Any:
        return module.text(f"posted {request.session['seen']}")

    for page in (home, form):
        page.__annotations__.update({"request": module.Request, "return": module.Response})
    app.router.add_get("/", home)
    app.router.add_post("/form", form)
    browser = site.asgi(app)
    token = browser.get("/").text
    assert browser.post("/form", requestverificationtoken=token).text == "posted 1"


@trial("nicegui")
def nicegui(site: Site) -> None:
    module = load("nicegui")
    app = load("fastapi").FastAPI()

    def page() -> None:
        module.app.storage.user["seen"] = module.app.storage.user.get("seen", 0) + 1
        module.ui.label("hello")

    module.ui.page("/")(page)
    module.ui.run_with(app, storage_secret=KEY)
    browser = site.asgi(app)
    assert browser.get("/").status == 200


@trial("emmett")
def emmett(site: Site) -> None:
    module = load("emmett")
    sessions = load("emmett.sessions").SessionManager
    app = module.App("shop")
    app.pipeline = [sessions.cookies(KEY)]

    async def home() -> str:
        module.session.seen = (module.session.seen or 0) + 1
        return str(module.session.seen)

    app.route("/", output="str")(home)
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("muffin-session", "muffin")
def muffin_session(site: Site) -> None:
    app = load("muffin").Application()
    session = load("muffin_session").Plugin(app, secret_key=KEY, auto_manage=True)

    async def home(request: Any) -> str:
        found = session.load_from_request(request)
        found["seen"] = found.get("seen", 0) + 1
        return str(found["seen"])

    app.route("/")(home)
    browser = site.asgi(app)
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("gradio")
def gradio(site: Site) -> None:
    module = load("gradio")
    with module.Blocks() as blocks:
        module.Markdown("hello")
    app = module.mount_gradio_app(
        load("fastapi").FastAPI(), blocks, path="/g", auth=lambda name, password: True
    )
    browser = site.asgi(app)
    answer = browser.post("/g/login", {"username": "ann", "password": "secret"})
    assert answer.status == 200, answer.text


@trial("marimo")
def marimo(site: Site) -> None:
    folder = tempfile.mkdtemp()
    page = Path(folder, "page.py")
    page.write_text("import marimo\napp = marimo.App()\n")
    module = load("marimo")
    app = (
        module.create_asgi_app(include_code=False, token="secret")
        .with_app(path="/", root=str(page))
        .build()
    )
    browser = site.asgi(app)
    browser.get("/?access_token=secret")
    browser.get("/")


@trial("chainlit")
def chainlit(site: Site) -> None:
    os.environ["CHAINLIT_AUTH_SECRET"] = KEY
    cookie = load("chainlit.auth.cookie")
    app = load("fastapi").FastAPI()

    async def login(request: Any) -> Any:
        response = load("starlette.responses").PlainTextResponse("")
        cookie.set_auth_cookie(request, response, "a" * 100)
        cookie.set_oauth_state_cookie(response, "state")
        return response

    app.add_route("/in", login)
    site.asgi(app).get("/in")
