"""A small shop in Starlette behind Cookiegate. Run it: python examples/starlette_shop.py"""

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

import samples
import storefront
from cookiegate import Gate
from cookiegate.ledger import Ledger
from cookiegate.starlette import cookie_banner, install

# As Flask's extension does, so that both shops use the same templates.
templates = Jinja2Templates(
    directory=storefront.TEMPLATES,
    context_processors=[
        lambda request: {"cookie_banner": lambda **options: cookie_banner(request, **options)}
    ],
)


def page(request: Request, template: str, **context: object) -> Response:
    """Render a page, and set all cookies of the page."""
    response = templates.TemplateResponse(request, template, context)
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


async def film(request: Request) -> Response:
    return page(request, "film.html")


async def about(request: Request) -> Response:
    response = page(request, "about.html")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def make_shop() -> Starlette:
    """Build the shop without a gate: it sets all its cookies."""
    return Starlette(
        routes=[
            Route("/", front),
            Route("/goods/{slug}", product),
            Route("/checkout", checkout),
            Route("/film", film),
            Route("/about", about),
            Mount("/static", StaticFiles(directory=storefront.STATIC)),
        ]
    )


def make_site(gate: Gate, recorder: Ledger | None = None) -> Starlette:
    """Put the shop behind the gate. This needs one line."""
    shop = make_shop()
    install(shop, gate, pages="/cookies", recorder=recorder)
    return shop


if __name__ == "__main__":
    uvicorn.run(make_site(storefront.make_gate()), host="127.0.0.1", port=storefront.port())
