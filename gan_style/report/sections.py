"""The pictures of the report, and what each variant changes, as HTML."""

import base64
from collections.abc import Sequence
from pathlib import Path

from gan_style.report import changes
from gan_style.report.evidence import Evidence, Method
from gan_style.report.markup import Markup, breakable, join, tag
from gan_style.report.pictures import Photo, thumbnail, webp


def pictures(photos: Sequence[Photo]) -> Markup:
    """One strip a photograph; the page's script zooms all of a strip together."""
    if not photos:
        told = "No run folder with painted test pictures was found beside these results."
        return tag("p", told, class_="note")
    return join(*(strip(photo) for photo in photos))


def strip(photo: Photo) -> Markup:
    roles = [("photograph", photo.source), *photo.painted, ("true painting", photo.target)]
    tiles = [tile(photo.name, label, path) for label, path in roles if path is not None]
    return tag("section", tag("h3", photo.name), tag("div", *tiles, class_="strip"), class_="photo")


def tile(name: str, label: str, path: Path) -> Markup:
    image = thumbnail(path)
    if image is None:
        return Markup()
    address = "data:image/webp;base64," + base64.b64encode(webp(image)).decode()
    told, size = f"{name}: {label}", {"width": image.width, "height": image.height}
    picture = tag("img", src=address, alt=told, **size, draggable="false", decoding="async")
    zoom = f"{told}. Plus, minus and arrows zoom."
    view = tag("div", picture, class_="view", tabindex="0", role="group", aria_label=zoom)
    return tag("figure", view, tag("figcaption", label))


def variants(evidence: Evidence) -> Markup:
    """Each variant's question and its changed keys; the same at every budget, but for overrides."""
    budgets = evidence.budgets.items()
    shown = ((method, budget) for budget, methods in budgets for method in methods if not method.drawn)
    return join(*(card(evidence, method, budget) for method, budget in shown))


def card(evidence: Evidence, method: Method, budget: str) -> Markup:
    changed, asked = changes.changes(evidence, method), changes.why(evidence, method)
    unchanged = "The recipe as it is." if changed is not None else "What it changes cannot be read any more."
    return tag(
        "article",
        tag("h3", method.label, " ", tag("small", budget)),
        tag("p", asked, class_="why") if asked else Markup(),
        difference(changed) if changed else tag("p", unchanged, class_="note"),
        class_="card",
    )


def difference(changed: Sequence[changes.Change]) -> Markup:
    """`old → new` a line; what only went away, as with a block of another kind, in one paragraph."""
    rows, gone = [], []
    for key, old, new in changed:
        name = tag("code", breakable(key))
        if new == changes.NOT_SET:
            gone += [name, " ", tag("del", old), " "]
        else:
            before = tag("del", "unsaid", class_="unsaid") if old == changes.NOT_SET else tag("del", old)
            rows.append(tag("tr", tag("th", name, scope="row"), tag("td", before, " → ", tag("ins", new))))
    table = tag("table", tag("tbody", *rows), class_="diff")
    return join(table, tag("p", "Gone: ", *gone, class_="gone")) if gone else table
