"""What people like better, where they were asked: docs/page.md."""

from pathlib import Path

from gan_style.evaluation.preferences import Answer, Strength, read_answers, strengths
from gan_style.report.markup import Markup, breakable, tag
from gan_style.report.statistics import Interval
from gan_style.report.table import track


def section(experiment: str, path: Path) -> Markup:
    """Nothing where nobody has compared a run of this experiment."""
    answers = read_answers(path)
    if not any(is_of(experiment, name) for one in answers for name in (one.left, one.right)):
        return Markup()
    counted = [one for one in answers if one.choice != "skip"]
    head = tag("tr", *(tag("th", text) for text in ("", "", "preferred", "won, alike, lost")))
    rows = (row(one) for one in strengths(answers))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="people")
    told = (
        "How often people preferred each to an average one of those compared, with 95 % intervals "
        f"(Bradley–Terry; {counts(counted)})."
    )
    parts = (tag("h2", "People"), tag("p", told), tag("div", table, class_="scroll"))
    return tag("section", *parts, id="people")


def is_of(experiment: str, name: str) -> bool:
    return name.partition("/")[0] == experiment


def counts(answers: list[Answer]) -> str:
    people = len({one.voter for one in answers})
    return f"{len(answers)} answers by {people} {'person' if people == 1 else 'people'}"


def row(one: Strength) -> Markup:
    return tag(
        "tr",
        tag("th", breakable(one.name), scope="row"),
        tag("td", track(Interval(one.share, one.low, one.high))),
        tag("td", f"{one.share:.0%} [{one.low:.0%}, {one.high:.0%}]"),
        tag("td", f"{one.wins}, {one.ties}, {one.losses}"),
    )
