"""The application: the page, its files, and the API."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from gan_style.system.errors import UserError
from gan_style.web import limits
from gan_style.web.ask_api import ask_api
from gan_style.web.asking import Asking
from gan_style.web.doors import Doors
from gan_style.web.guard import Guard, has_token, said, told_of
from gan_style.web.paint_api import paint_api
from gan_style.web.painters import Painters
from gan_style.web.runs import Runs
from gan_style.web.runs_api import runs_api
from gan_style.web.uploads import Uploads
from gan_style.web.worker import Worker

mimetypes.add_type("text/javascript", ".js")  # whatever this machine takes it for
STATIC = Path(__file__).parent / "static"
REVALIDATED = {"Cache-Control": "no-cache"}
WRONG = '<p role="alert">This is not the token. <span lang="zh">令牌不正确。</span></p>'


@dataclass
class Page:
    """All that answers requests; closed at the end, with what was uploaded."""

    doors: Doors
    root: Path  # of the runs
    asking: Asking
    threads: int | None = None
    uploads: Uploads = field(default_factory=Uploads)

    def __post_init__(self) -> None:
        self.worker = Worker(self.uploads, self.threads)
        self.painters = Painters(self.root, self.threads, self.worker.describe)

    def start(self) -> None:
        self.worker.start()

    def close(self) -> None:
        self.worker.close()
        self.uploads.close()


def application(page: Page) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        page.start()
        yield
        page.worker.closing = True

    app = FastAPI(
        title="gan-style",
        description="Photographs in, paintings out. The same as the page does.",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # these would be fetched from a network
        redoc_url=None,
        max_body_size=limits.BODY_BYTES,
    )
    errors(app)
    add_pages(app, page.doors)
    for routes in (
        paint_api(page.uploads, page.painters, page.worker),
        runs_api(Runs(page.root)),
        ask_api(page.asking),
    ):
        app.include_router(routes)
    return Guard(app, page.doors)


def errors(app: FastAPI) -> None:
    """One sentence each, as `detail`."""

    @app.exception_handler(UserError)
    def refused(request: Request, problem: UserError) -> Response:
        if isinstance(problem, limits.Busy):
            return said(429, str(problem), {"Retry-After": str(problem.seconds)})
        return said(422, str(problem))

    @app.exception_handler(RequestValidationError)
    def misunderstood(request: Request, problem: RequestValidationError) -> Response:
        return said(422, told_of(problem))


def add_pages(app: FastAPI, doors: Doors) -> None:
    """The page itself, the form that asks for the token, and the API's description."""
    app.mount("/static", Careful(directory=STATIC))

    @app.get("/", include_in_schema=False)
    def index(request: Request, token: str = "") -> Response:
        if token and doors.token and doors.lets_in(token):
            return admitted(doors)
        if not has_token(doors, request.headers):
            return form(wrong=bool(token))
        return FileResponse(STATIC / "index.html", headers=REVALIDATED)

    @app.post("/sign-in", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        try:
            async with asyncio.timeout(limits.REQUEST_SECONDS):
                body = await request.body()
        except TimeoutError:
            return said(408, f"it took longer than {limits.REQUEST_SECONDS:.0f} seconds to come")
        fields = parse_qs(body.decode("utf-8", "replace"))
        if doors.lets_in(fields.get("token", [""])[0].strip()):
            return admitted(doors)
        return form(wrong=True)

    @app.get("/api", include_in_schema=False)
    def described() -> Response:
        return FileResponse(STATIC / "api.html", headers=REVALIDATED)


def form(*, wrong: bool) -> Response:
    """That asks for the token; `wrong`: as the one that was given is another."""
    text = (STATIC / "sign-in.html").read_text(encoding="utf-8")
    return HTMLResponse(text.replace("<!-- wrong -->", WRONG if wrong else ""), 401, REVALIDATED)


def admitted(doors: Doors) -> Response:
    """To the page, with a cookie; the token is no longer in the address."""
    answer = RedirectResponse("/", 303)
    if doors.token:
        age = 30 * 86400
        answer.set_cookie(doors.cookie_name(), doors.cookie(), httponly=True, samesite="strict", max_age=age)
    return answer


class Careful(StaticFiles):
    """Files that are asked for again whenever the page is: a new version shows at once."""

    def file_response(self, *given: Any, **more: Any) -> Response:
        response = super().file_response(*given, **more)
        response.headers.update(REVALIDATED)
        return response
