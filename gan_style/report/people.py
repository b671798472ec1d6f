"""What people like better, where they were asked: docs/page.md."""

from pathlib import Path

from gan_style.evaluation.preferences import (
    FEWEST_VOTERS,
    Answer,
    Strength,
    people,
    read_answers,
    strengths,
    that_count,
)
from gan_style.report.markup import Markup, breakable, tag
from gan_style.report.statistics import Interval
from gan_style.report.table import track


def section(experiment: str, path: Path) -> Markup:
    """Nothing where nobody has compared a run of this experiment."""
    answers = read_answers(path)
    if not any(is_of(experiment, name) for one in answers for name in (one.left, one.right)):
        return Markup()
    alike = ", as if all people were alike" if people(answers) < FEWEST_VOTERS else ""
    head = tag("tr", *(tag("th", text) for text in ("", "", "preferred", "won, alike, lost")))
    rows = (row(one) for one in strengths(answers))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="people")
    told = (
        "How often people preferred each to an average one of those compared, with 95 % intervals"
        f"{alike} (Bradley–Terry; {counts(answers)})."
    )
    parts = (tag("h2", "People"), tag("p", told), tag("div", table, class_="scroll"))
    return tag("section", *parts, id="people")


def is_of(experiment: str, name: str) -> bool:
    return name.partition("/")[0] == experiment


def counts(answers: list[Answer]) -> str:
    known = people(answers)
    by = f" by {known} {'person' if known == 1 else 'people'}" if known else ""
    return f"{len(that_count(answers))} answers{by}"


def row(one: Strength) -> Markup:
    return tag(
        "tr",
        tag("th", breakable(one.name), scope="row"),
        tag("td", track(Interval(one.share, one.low, one.high))),
        tag("td", f"{one.share:.0%} [{one.low:.0%}, {one.high:.0%}]"),
        tag("td", f"{one.wins}, {one.ties}, {one.losses}"),
    )
