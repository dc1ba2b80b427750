"""An OpenID provider on the loopback, which logs every visitor in as ann."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "shop", "the shop's secret"


def provider_app() -> Flask:
    """Return the provider: discovery, authorization by redirect or form_post, token, keys."""
    app = Flask("provider")
    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    nonces: dict[str, str] = {}

    def issuer() -> str:
        return request.host_url.rstrip("/")

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        base = issuer()
        return jsonify(
            issuer=base,
            authorization_endpoint=f"{base}/authorize",
            token_endpoint=f"{base}/token",
            jwks_uri=f"{base}/keys",
            response_types_supported=["code"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
        )

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[key.as_dict(private=False)])

    @app.get("/authorize")
    def authorize() -> Any:
        code = f"code-{len(nonces)}"
        nonces[code] = request.args["nonce"]
        answer = {"code": code, "state": request.args["state"]}
        target = request.args["redirect_uri"]
        if request.args.get("response_mode") == "form_post":
            # The form that a script on the provider's page would post.
            return jsonify(action=target, fields=answer)
        return redirect(f"{target}?{urlencode(answer)}")

    @app.post("/token")
    def token() -> Any:
        now = int(time.time())
        claims = {
            "iss": issuer(),
            "sub": "ann",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonces.pop(request.form["code"]),
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        return jsonify(access_token="x", token_type="Bearer", expires_in=300, id_token=signed)

    return app


@contextmanager
def serve_provider() -> Iterator[str]:
    """Serve the provider on a free port while the context lasts. Yield its address."""
    server = make_server("127.0.0.1", 0, provider_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
