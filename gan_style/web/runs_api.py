"""`/api/runs`: what is trained, as it goes."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from starlette.responses import FileResponse

from gan_style.experiment.runs import Run
from gan_style.web.runs import Runs, curves, sheets

Part = Annotated[str, Path(max_length=300)]
PLACE = "/runs/{experiment}/{variant}/{seed}"


def runs_api(runs: Runs) -> APIRouter:
    api = APIRouter(prefix="/api", tags=["runs"])

    def chosen(*parts: str) -> tuple[str, Run]:
        """Only what the listing has."""
        name = "/".join(parts)
        if run := runs.all().get(name):
            return name, run
        raise HTTPException(404, "there is no such run")

    @api.get("/runs")
    def list_runs() -> list[dict[str, Any]]:
        """Every run, the newest first: status, step, alarms, and the steps that have a sheet."""
        return runs.told()

    @api.get(PLACE)
    def tell_of_a_run(experiment: Part, variant: Part, seed: Part) -> dict[str, Any]:
        """One of them."""
        return runs.of(*chosen(experiment, variant, seed))

    @api.get(f"{PLACE}/losses")
    def losses_of_a_run(experiment: Part, variant: Part, seed: Part) -> dict[str, Any]:
        """What was logged: `terms`, by name the steps and values; long curves are thinned to their means."""
        return curves(chosen(experiment, variant, seed)[1])

    @api.get(PLACE + "/sheets/{step}.png", response_class=FileResponse)
    def sheet_of_a_run(experiment: Part, variant: Part, seed: Part, step: int) -> FileResponse:
        """Held-out photographs, and what was made of them at this step."""
        if path := sheets(chosen(experiment, variant, seed)[1]).get(step):
            return FileResponse(path, media_type="image/png")
        raise HTTPException(404, "there is no sheet of this step")

    return api
