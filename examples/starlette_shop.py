"""A small shop in Starlette behind Cookiegate. Run it: python examples/starlette_shop.py"""

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

import samples
import storefront
from cookiegate import Gate, Visit
from cookiegate.asgi import CookieGateMiddleware

templates = Jinja2Templates(directory=storefront.TEMPLATES)


def visit(request: Request) -> Visit:
    """Find the visit that the gate has put beside the request."""
    found: Visit = request.scope["cookiegate"]
    return found


def page(request: Request, template: str, **context: object) -> Response:
    """Render a page, and set every cookie that the shop would like to set with it."""
    response = templates.TemplateResponse(request, template, {"visit": visit(request), **context})
    for header in samples.headers_for(request.url.path):
        response.headers.append("Set-Cookie", header)
    return response


async def front(request: Request) -> Response:
    return page(request, "front.html", goods=storefront.GOODS.values())


async def product(request: Request) -> Response:
    article = storefront.GOODS.get(request.path_params["slug"])
    if article is None:
        raise HTTPException(404)
    return page(request, "product.html", article=article)


async def checkout(request: Request) -> Response:
    return page(request, "checkout.html")


async def settings(request: Request) -> Response:
    return page(
        request,
        "settings.html",
        choices=storefront.choices(visit(request)),
        saved="saved" in request.query_params,
    )


async def save_settings(request: Request) -> Response:
    if not storefront.is_from_here(request.headers.get("Sec-Fetch-Site")):
        raise HTTPException(403)
    form = await request.form()
    ticked = [str(value) for value in form.getlist("category")]
    try:
        visit(request).choose(storefront.chosen(str(form.get("save", "")), ticked))
    except ValueError:
        raise HTTPException(400) from None
    return RedirectResponse("/settings?saved", status_code=303)


def make_shop() -> Starlette:
    """Build the shop as it would be without a gate: it sets every cookie it likes."""
    return Starlette(
        routes=[
            Route("/", front),
            Route("/goods/{slug}", product),
            Route("/checkout", checkout),
            Route("/settings", settings, methods=["GET"]),
            Route("/settings", save_settings, methods=["POST"]),
            Mount("/static", StaticFiles(directory=storefront.STATIC)),
        ]
    )


def make_site(gate: Gate) -> CookieGateMiddleware:
    """Put the shop behind the gate: this one line is all it takes."""
    return CookieGateMiddleware(make_shop(), gate)


if __name__ == "__main__":
    uvicorn.run(make_site(storefront.make_gate()), host="127.0.0.1", port=storefront.port())
