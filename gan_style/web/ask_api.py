"""`/api/ask`: blind pairs, answers, and what they come to."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, HTTPException, Path
from starlette.responses import Response

from gan_style.evaluation.preferences import FEWEST_VOTERS, Choice, people, read_answers, strengths
from gan_style.system.opening import BadImage
from gan_style.web.asking import Asking, shown

Id = Annotated[str, Path(max_length=64)]


def ask_api(asking: Asking) -> APIRouter:
    api = APIRouter(prefix="/api/ask", tags=["ask"])
    add_questions(api, asking)
    add_answers(api, asking)
    return api


def add_questions(api: APIRouter, asking: Asking) -> None:
    @api.get("/next")
    def next_question() -> dict[str, Any]:
        """A pair that was asked least, without the painters' names. Empty where there is none."""
        question = asking.next()
        if question is None:
            return {}
        address = f"/api/ask/{question.id}"
        return {"id": question.id} | {side: f"{address}/{side}.webp" for side in question.files}

    @api.get("/{id}/{side}.webp", response_class=Response)
    def picture(id: Id, side: Literal["left", "right", "photograph"]) -> Response:
        """One of a question's pictures, all of one size."""
        question = asking.open.get(id)
        path = question.files.get(side) if question else None
        if path is None:
            raise HTTPException(404, "there is no such picture")
        try:
            return Response(shown(path, path.stat().st_mtime_ns), media_type="image/webp")
        except (BadImage, OSError):
            raise HTTPException(422, "this picture cannot be read; choose: skip") from None


def add_answers(api: APIRouter, asking: Asking) -> None:
    @api.get("/scores")
    def scores() -> dict[str, Any]:
        """How often each is preferred to an average one, with 95 % intervals (Bradley-Terry).

        `alike`: the intervals are as if all people were alike, as there are too few to tell otherwise.
        """
        answers = read_answers(asking.answers)
        counts = {choice: sum(one.choice == choice for one in answers) for choice in ("tie", "skip")}
        voters = people(answers)
        told = [asdict(one) for one in strengths(answers)]
        return {
            "answers": len(answers),
            "voters": voters,
            "alike": voters < FEWEST_VOTERS,
            **counts,
            "strengths": told,
        }

    @api.post("/{id}", status_code=201)
    def answer(
        id: Id,
        choice: Annotated[Choice, Body()],
        voter: Annotated[str, Body(max_length=64, pattern="^[0-9a-z-]*$")] = "",
    ) -> dict[str, str]:
        """`left`, `right`, `tie` or `skip`, once. `voter`: any mark of a person, the same each time."""
        if not asking.answer(id, choice, voter):
            raise HTTPException(404, "there is no such question, or it was answered")
        return {"choice": choice}
