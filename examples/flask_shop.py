"""A small shop in Flask behind Cookiegate. Run it: python examples/flask_shop.py"""

from flask import Flask, Response, abort, make_response, render_template, request
from werkzeug.serving import run_simple

import samples
import storefront
from cookiegate import Gate
from cookiegate.flask import CookieGate
from cookiegate.ledger import Ledger


def make_shop() -> Flask:
    """Build the shop without a gate: it sets all its cookies."""
    app = Flask(
        __name__,
        template_folder=str(storefront.TEMPLATES),
        static_folder=str(storefront.STATIC),
    )

    @app.get("/")
    def front() -> str:
        return render_template("front.html", goods=storefront.GOODS.values())

    @app.get("/goods/<slug>")
    def product(slug: str) -> str:
        article = storefront.GOODS.get(slug) or abort(404)
        return render_template("product.html", article=article)

    @app.get("/checkout")
    def checkout() -> str:
        return render_template("checkout.html")

    @app.get("/film")
    def film() -> str:
        return render_template("film.html")

    @app.get("/about")
    def about() -> Response:
        response = make_response(render_template("about.html"))
        response.cache_control.public = True
        response.cache_control.max_age = 300
        return response

    @app.after_request
    def set_cookies(response: Response) -> Response:
        if response.status_code == 200:
            for header in samples.headers_for(request.path):
                response.headers.add("Set-Cookie", header)
        return response

    return app


def make_site(gate: Gate, recorder: Ledger | None = None) -> Flask:
    """Put the shop behind the gate. This needs one line."""
    shop = make_shop()
    CookieGate(shop, gate, pages="/cookies", recorder=recorder)
    return shop


if __name__ == "__main__":
    run_simple("127.0.0.1", storefront.port(), make_site(storefront.make_gate()))
