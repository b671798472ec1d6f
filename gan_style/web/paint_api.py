"""`/api/photographs`, `/api/painters`, `/api/paintings`: pictures in, paintings out."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response, StreamingResponse

from gan_style.web import limits
from gan_style.web.jobs import ENDED, Job
from gan_style.web.order import Order
from gan_style.web.painters import Painters, swatch
from gan_style.web.uploads import Upload, Uploads
from gan_style.web.worker import Worker

MOMENT = 0.15  # seconds between looks at a painting that is being made
QUIET = 10.0  # seconds after which the page is told that nothing has changed
TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".tif": "image/tiff"}

Id = Annotated[str, Path(max_length=64)]


def paint_api(uploads: Uploads, painters: Painters, worker: Worker) -> APIRouter:
    """The routes, over what they work with."""
    api = APIRouter(prefix="/api", tags=["paint"])
    add_painters(api, painters)
    add_photographs(api, uploads, worker)
    add_paintings(api, uploads, painters, worker)
    add_products(api, worker)
    return api


def add_painters(api: APIRouter, painters: Painters) -> None:
    @api.get("/painters")
    def list_painters() -> list[dict[str, Any]]:
        """Everybody who can paint, and what may be asked of them."""
        return painters.told()

    @api.get("/painters/included/{name}/picture", response_class=Response)
    def picture_of_a_painter(name: Id) -> Response:
        """What an included painter made of one photograph, as WebP."""
        if (made := swatch(name)) is None:
            raise HTTPException(404, "there is no such picture")
        return Response(made, media_type="image/webp", headers={"Cache-Control": "max-age=3600"})


def add_photographs(api: APIRouter, uploads: Uploads, worker: Worker) -> None:
    coming = asyncio.Semaphore(limits.UPLOADS_AT_ONCE)

    @api.post("/photographs", status_code=201, max_body_size=limits.UPLOAD_BYTES)
    async def send_a_photograph(
        request: Request, name: Annotated[str, Query(max_length=1000)] = "picture"
    ) -> dict[str, Any]:
        """Send a picture, or a style image, as the body of the request: JPEG, PNG, WebP, TIFF, ..."""
        if coming.locked():
            raise limits.Busy("too many pictures are coming at once; try again in a moment", 1)
        async with coming:
            upload = await received(request, uploads, name)
        uploads.expire(worker.needed() | {upload.id})
        return upload.told()

    @api.delete("/photographs/{id}", status_code=204)
    def forget_a_photograph(id: Id) -> None:
        """Remove a picture that was sent; one that is waiting to be painted stays until then."""
        if id in worker.needed():
            raise HTTPException(409, "it is being painted; cancel that first")
        if not uploads.forget(id):
            raise HTTPException(404, "there is no such picture; it may have expired")


def add_paintings(api: APIRouter, uploads: Uploads, painters: Painters, worker: Worker) -> None:
    @api.post("/paintings", status_code=202)
    def paint(order: Order) -> dict[str, Any]:
        """Have a photograph painted. What is left out is as `gan-style sample` has it without the option."""
        painter = painters.all().get(order.painter)
        if painter is None:
            raise HTTPException(404, "there is no such painter")
        photograph = found(uploads, order.photograph)
        shown = found(uploads, order.style_image) if order.style_image else None
        size = order.pixels(painters.may(painter).get("size"))
        wishes = {"style": order.style or None, "strength": order.strength, "size": size, "seed": order.seed}
        run = painter.run.folder.absolute()
        job = Job(photograph, painter.name, run, painter.machine, wishes, shown, uploads.place())
        worker.submit(job)
        return worker.told(job)

    @api.get("/paintings/{id}")
    def tell_of_a_painting(id: Id) -> dict[str, Any]:
        """How far it is."""
        return worker.told(painting(worker, id))

    @api.get("/paintings/{id}/events", response_class=StreamingResponse)
    async def follow_a_painting(id: Id) -> StreamingResponse:
        """The same, as server-sent events, until it is done."""
        return StreamingResponse(events(worker, painting(worker, id)), media_type="text/event-stream")

    @api.delete("/paintings/{id}", status_code=204)
    def cancel_a_painting(id: Id) -> None:
        """Stop it, or forget it."""
        worker.cancel(painting(worker, id))


def add_products(api: APIRouter, worker: Worker) -> None:
    @api.get("/paintings/{id}/file", response_class=FileResponse)
    def download_a_painting(id: Id) -> FileResponse:
        """The painting at full size, in the photograph's format."""
        job = painting(worker, id)
        if not job.file or job.state != "done":
            raise HTTPException(409, f"it is not there: {job.error or job.state}")
        kind = TYPES.get(job.file.suffix, "application/octet-stream")
        return FileResponse(job.file, media_type=kind, filename=job.download)

    @api.get("/paintings/{id}/{which}.webp", response_class=FileResponse)
    def preview_a_painting(id: Id, which: Literal["before", "after"]) -> FileResponse:
        """The photograph, or the painting, small enough to be shown at once."""
        job = painting(worker, id)
        if job.state != "done":
            raise HTTPException(409, f"it is not there: {job.error or job.state}")
        return FileResponse(job.folder / f"{which}.webp", media_type="image/webp")


async def received(request: Request, uploads: Uploads, name: str) -> Upload:
    """A body, written down as it comes, and looked at by its header."""
    path = uploads.place()
    try:
        async with asyncio.timeout(limits.UPLOAD_SECONDS):
            with path.open("xb") as file:
                async for piece in request.stream():
                    await run_in_threadpool(file.write, piece)
        upload = await run_in_threadpool(uploads.keep, path, name)
    except TimeoutError:
        path.unlink(missing_ok=True)
        raise HTTPException(408, f"it took longer than {limits.UPLOAD_SECONDS:.0f} seconds to come") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return upload


def found(uploads: Uploads, id: str) -> Upload:
    if upload := uploads.get(id):
        return upload
    raise HTTPException(404, "there is no such picture; it may have expired, send it again")


def painting(worker: Worker, id: str) -> Job:
    if job := worker.get(id):
        return job
    raise HTTPException(404, "there is no such painting; it may have expired")


async def events(worker: Worker, job: Job) -> AsyncIterator[str]:
    before, since = None, 0.0
    while not worker.closing:
        told = worker.told(job)
        now = (told["state"], told["ahead"])
        if now != before or since >= QUIET:
            yield f"data: {json.dumps(told)}\n\n"
            before, since = now, 0.0
        if told["state"] in ENDED:
            return
        await asyncio.sleep(MOMENT)
        since += MOMENT
