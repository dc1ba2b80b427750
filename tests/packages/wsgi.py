"""Applications of WSGI frameworks and their packages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .browser import Site
from .trials import KEY, hidden_field, load, trial


@trial("beaker", "bottle", "cryptography")
def beaker(site: Site) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        session = environ["beaker.session"]
        session["seen"] = session.get("seen", 0) + 1
        session.save()
        start_response("200 OK", [("content-type", "text/plain")])
        return [str(session["seen"]).encode()]

    wrapped = load("beaker.middleware").SessionMiddleware(
        app, {"session.type": "memory", "session.secret": KEY}
    )
    browser = site.wsgi(wrapped)
    browser.get("/")
    assert browser.get("/").text == "2"


def _pyramid(session: Any, *, csrf: bool = False) -> Any:
    respond = load("pyramid.response").Response
    module = load("pyramid.config")
    config = module.Configurator(session_factory=session)
    security = load("pyramid.security")

    def home(request: Any) -> Any:
        request.session["seen"] = request.session.get("seen", 0) + 1
        return respond(str(request.session["seen"]))

    def enter(request: Any) -> Any:
        return respond("", headers=security.remember(request, "ann"))

    def me(request: Any) -> Any:
        return respond(str(request.authenticated_userid))

    def token(request: Any) -> Any:
        return respond(load("pyramid.csrf").get_csrf_token(request))

    pages = {"/": home, "/enter": enter, "/me": me, "/token": token}
    for number, (path, page) in enumerate(pages.items()):
        config.add_route(str(number), path)
        config.add_view(page, route_name=str(number))
    if csrf:
        helper = load("pyramid.authentication").AuthTktCookieHelper(KEY)
        traits = {
            "identity": lambda self, request: helper.identify(request),
            "authenticated_userid": lambda self, request: helper.identify(request)["userid"],
            "remember": lambda self, request, userid, **kw: helper.remember(request, userid),
        }
        config.set_security_policy(type("Policy", (), traits)())
        config.set_csrf_storage_policy(load("pyramid.csrf").CookieCSRFStoragePolicy())
    return config.make_wsgi_app()


@trial("pyramid", "setuptools<81")
def pyramid(site: Site) -> None:
    session = load("pyramid.session").SignedCookieSessionFactory(KEY)
    browser = site.wsgi(_pyramid(session, csrf=True))
    browser.get("/")
    assert browser.get("/").text == "2"
    browser.get("/enter")
    assert browser.get("/me").text == "ann"
    assert browser.get("/token").text == browser.jar["csrf_token"]


@trial("pyramid-nacl-session", "setuptools<81")
def pyramid_nacl_session(site: Site) -> None:
    module = load("pyramid_nacl_session")
    session = module.EncryptedCookieSessionFactory(b"0" * 32)
    browser = site.wsgi(_pyramid(session))
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("pyramid-beaker", "setuptools<81", "cryptography")
def pyramid_beaker(site: Site) -> None:
    factory = load("pyramid_beaker").session_factory_from_settings
    browser = site.wsgi(
        _pyramid(factory({"session.type": "memory", "session.secret": KEY, "session.auto": True}))
    )
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("cherrypy")
def cherrypy(site: Site) -> None:
    module = load("cherrypy")

    def index(self: Any) -> str:
        module.session["seen"] = module.session.get("seen", 0) + 1
        return str(module.session["seen"])

    root = type("Root", (), {"index": module.expose(index)})
    config = {"/": {"tools.sessions.on": True}}
    browser = site.wsgi(module.Application(root(), "", config))
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("web-py")
def web_py(site: Site) -> None:
    module = load("web")
    module.config.debug = False
    folder = tempfile.mkdtemp()
    found: dict[str, Any] = {}

    def get(self: Any) -> str:
        session = found["session"]
        session.seen = session.get("seen", 0) + 1
        return str(session.seen)

    app = module.application(("/", "home"), {"home": type("home", (), {"GET": get})})
    store = load("web.session").DiskStore(folder)
    found["session"] = load("web.session").Session(app, store)
    browser = site.wsgi(app.wsgifunc())
    browser.get("/")
    assert browser.get("/").text == "2"


@trial("repoze-who", "setuptools<81")
def repoze_who(site: Site) -> None:
    plugin = load("repoze.who.plugins.auth_tkt").AuthTktCookiePlugin(KEY)

    def app(environ: Any, start_response: Any) -> list[bytes]:
        user = (plugin.identify(environ) or {}).get("repoze.who.plugins.auth_tkt.userid", "")
        environ.setdefault("REMOTE_ADDR", "127.0.0.1")
        headers = [] if user else plugin.remember(environ, {"repoze.who.userid": "ann"})
        start_response("200 OK", [("content-type", "text/plain"), *headers])
        return [user.encode()]

    browser = site.wsgi(app)
    browser.get("/")
    assert browser.get("/").text == "ann"


@trial("trac", "setuptools<81")
def trac(site: Site) -> None:
    folder = tempfile.mkdtemp()
    load("trac.env").Environment(f"{folder}/trac", create=True).shutdown()
    dispatch = load("trac.web.main").dispatch_request

    def app(environ: Any, start_response: Any) -> Any:
        environ["trac.env_path"] = f"{folder}/trac"
        if environ["PATH_INFO"] == "/login":
            environ["REMOTE_USER"] = "ann"
        return dispatch(environ, start_response)

    browser = site.wsgi(app)
    browser.get("/about")
    token = hidden_field(browser.get("/prefs").text, "__FORM_TOKEN")
    browser.post("/prefs", {"__FORM_TOKEN": token, "name": "Ann", "action": "save"})
    assert "trac_session" in browser.jar
    browser.get("/login")
    assert "logged in as" in browser.get("/about").text


@trial("microdot", "pyjwt")
def microdot(site: Site) -> None:
    module = load("microdot.wsgi")
    app = module.Microdot()
    sessions = load("microdot.session")
    sessions.Session(app, secret_key=KEY)
    login = load("microdot.login").Login()
    user = type("User", (), {"id": "ann"})

    async def find(name: str) -> Any:
        return user()

    login.user_loader(find)

    async def enter(request: Any) -> Any:
        return await login.login_user(request, user(), remember=True, redirect_url="/me")

    async def me(request: Any) -> str:
        return str(request.g.current_user.id)

    app.get("/in")(enter)
    app.get("/me")(login(me))
    browser = site.wsgi(app)
    browser.get("/in")
    assert browser.get("/me").text == "ann"
    assert "_remember" in browser.jar


@trial("paste", "setuptools<81")
def paste(site: Site) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ["paste.session.factory"]()["seen"] = 1
        environ["paste.auth_tkt.set_user"]("ann")
        start_response("200 OK", [("content-type", "text/plain")])
        return [b""]

    session = load("paste.session").SessionMiddleware(app)
    auth = load("paste.auth.auth_tkt").AuthTKTMiddleware(session, KEY)
    site.wsgi(auth).get("/")


@trial("zope", "products-sessions")
def zope(site: Site) -> None:
    folder = Path(tempfile.mkdtemp())
    for name in ("etc", "var", "bin"):
        (folder / name).mkdir()
    config = folder / "etc/zope.conf"
    config.write_text(
        f"%define INSTANCE {folder}\ninstancehome $INSTANCE\n"
        "<zodb_db main>\n<mappingstorage>\n</mappingstorage>\nmount-point /\n</zodb_db>\n"
    )
    app = load("Zope2.Startup.run").make_wsgi_app({}, str(config))
    root = load("Zope2").app()
    script = load("OFS.DTMLMethod").addDTMLMethod
    script(root, "page", file='<dtml-call "browser_id_manager.getBrowserId()">hello')
    load("transaction").commit()
    browser = site.wsgi(app)
    assert browser.get("/page").text.strip() == "hello"


@trial("trytond")
def trytond(site: Site) -> None:
    wrappers = load("trytond.protocols.wrappers")
    response = load("werkzeug.wrappers").Response

    def app(environ: Any, start_response: Any) -> Any:
        answer = response("")
        wrappers.add_auth_cookies(answer, "shop", "ann", "1", "token")
        return answer(environ, start_response)

    site.wsgi(app).get("/")
