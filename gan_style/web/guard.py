"""Before any request is answered: host, origin, token. After it: the headers that keep browsers careful."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan_style.web.doors import Doors

OPEN = ("/static/", "/sign-in")  # without a token: nothing there tells anything
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {allowed}" for what, allowed in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
TOO_LARGE = 413


class Guard:
    """Around the application."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self.app, self.doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing else is spoken here
            return

        too_large = False

        async def careful(message: Message) -> None:
            nonlocal too_large
            if too_large:  # what was to be answered instead
                return
            if message["type"] == "http.response.start":
                if message["status"] == TOO_LARGE and is_text(message):
                    await said(TOO_LARGE, "it has more bytes than this page takes")(scope, receive, careful)
                    too_large = True
                    return
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        refusal = self.refusal(scope)
        await (refusal or self.app)(scope, receive, careful)

    def refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.doors.knows_host(hosts[0]):
            return said(421, "this page is not known by that name; --name NAME adds one")
        if not is_own(headers, hosts[0], scope):
            return said(403, "this was asked for by another site")
        open_to_all = any(scope["path"].startswith(place) for place in OPEN)
        if open_to_all or has_token(self.doors, headers):
            return None
        if scope["path"] == "/" and scope["method"] == "GET":
            return None  # the page itself answers with the form
        return said(401, "a token is needed: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"})


def has_token(doors: Doors, headers: Headers) -> bool:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return doors.lets_in(token.strip())
    return doors.knows_cookie(cookie_of(headers, doors.cookie_name()))


def is_text(message: Message) -> bool:
    """Whether it is answered in plain text, as the framework itself does."""
    return MutableHeaders(scope=message).get("content-type", "text/plain").startswith("text/plain")


def is_own(headers: Headers, host: str, scope: Scope) -> bool:
    """Whether no other site's page has sent this; only a link may lead to the page from anywhere."""
    origin = headers.get("origin")
    if origin is not None and place_of(origin) != host.lower():
        return False
    site = headers.get("sec-fetch-site", "none")
    linked = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return site in ("same-origin", "none") or (linked and not scope["path"].startswith("/api/"))


def place_of(origin: str) -> str:
    """Host and port; nothing of what is no address."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def cookie_of(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def said(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": text}, status, headers)


def told_of(problem: Any) -> str:
    """The first thing that is wrong with a request, in a sentence."""
    first = problem.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:2])  # beyond are the kinds that it might have been
    return f"{place}: {first['msg']}" if place else str(first["msg"])
