"""A small shop in Flask behind Cookiegate. Run it: python examples/flask_shop.py"""

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.serving import run_simple
from werkzeug.wrappers.response import Response as WerkzeugResponse

import samples
import storefront
from cookiegate import Gate, Visit
from cookiegate.wsgi import CookieGateMiddleware


def visit() -> Visit:
    """Find the visit that the gate has put beside the request."""
    found: Visit = request.environ["cookiegate"]
    return found


def make_shop() -> Flask:
    """Build the shop as it would be without a gate: it sets every cookie it likes."""
    app = Flask(
        __name__,
        template_folder=str(storefront.TEMPLATES),
        static_folder=str(storefront.STATIC),
    )

    @app.get("/")
    def front() -> str:
        return render_template("front.html", visit=visit(), goods=storefront.GOODS.values())

    @app.get("/goods/<slug>")
    def product(slug: str) -> str:
        article = storefront.GOODS.get(slug) or abort(404)
        return render_template("product.html", visit=visit(), article=article)

    @app.get("/checkout")
    def checkout() -> str:
        return render_template("checkout.html", visit=visit())

    @app.get("/settings")
    def settings() -> str:
        return render_template(
            "settings.html",
            visit=visit(),
            choices=storefront.choices(visit()),
            saved="saved" in request.args,
        )

    @app.post("/settings")
    def save_settings() -> WerkzeugResponse:
        if not storefront.is_from_here(request.headers.get("Sec-Fetch-Site")):
            abort(403)
        try:
            visit().choose(
                storefront.chosen(request.form.get("save", ""), request.form.getlist("category"))
            )
        except ValueError:
            abort(400)
        return redirect("/settings?saved", code=303)

    @app.after_request
    def set_cookies(response: Response) -> Response:
        if response.status_code == 200:
            for header in samples.headers_for(request.path):
                response.headers.add("Set-Cookie", header)
        return response

    return app


def make_site(gate: Gate) -> CookieGateMiddleware:
    """Put the shop behind the gate: this one line is all it takes."""
    return CookieGateMiddleware(make_shop(), gate)


if __name__ == "__main__":
    run_simple("127.0.0.1", storefront.port(), make_site(storefront.make_gate()))
