"""The site's pages."""

from typing import Any

from django.conf.urls.i18n import urlpatterns as i18n
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import Context, Template
from django.urls import include, path
from django.utils.translation import get_language

from tests.django import site


def any_page(request: HttpRequest) -> HttpResponseBase:
    response: HttpResponseBase = site.answer(request)
    return response


async def any_async(request: HttpRequest) -> HttpResponseBase:
    response: HttpResponseBase = site.answer(request)
    return response


def user(request: HttpRequest, id: int) -> HttpResponse:
    response = HttpResponse(str(id))
    response.set_cookie("_ga", "1")
    return response


def count(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = request.session.get("seen", 0) + 1
    return HttpResponse(str(request.session["seen"]))


def say(request: HttpRequest) -> HttpResponse:
    messages.info(request, "hello")
    return redirect("/heard")


def heard(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(str(message) for message in messages.get_messages(request)))


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request) if request.method == "GET" else "posted")


def language(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_language() or "")


def signed(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(str(request.get_signed_cookie("remember_token", default="none")))
    response.set_signed_cookie("remember_token", "me")
    return response


def template(request: HttpRequest) -> HttpResponse:
    text = (
        "{% load cookiegate %}{% cookie_allows 'analysis' as analysis %}"
        "{% cookie_should_ask as due %}{{ analysis }} {{ due }}"
    )
    return HttpResponse(Template(text).render(Context({"request": request})))


def stream(request: HttpRequest) -> StreamingHttpResponse:
    response = StreamingHttpResponse(iter(["a", "b"]))
    response.set_cookie("_ga", "1")
    return response


def fail(request: HttpRequest) -> HttpResponse:
    raise LookupError("boom")


def fail_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sorry", status=500, headers={"Set-Cookie": "_ga=1"})


def me(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


handler500: Any = fail_page
urlpatterns = [
    path("", any_page),
    path("part/", include([path("", any_page), path("<int:id>/", user)])),
    path("any", any_page),
    path("any-async", any_async),
    path("users/<int:id>", user),
    path("count", count),
    path("say", say),
    path("heard", heard),
    path("form", form),
    path("language", language),
    path("signed", signed),
    path("template", template),
    path("stream", stream),
    path("fail", fail),
    path("me", me),
    path("i18n/", include(i18n)),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
]
