"""HTML elements whose texts and attributes are escaped unless they are markup already."""

from html import escape

VOID = frozenset({"img", "br"})


class Markup(str):
    """Text that is HTML already."""


def tag(element: str, *children: str, **attributes: str | float | None) -> Markup:
    """`tag("td", "a < b", class_="x", data_sort=1)`; an attribute that is None is left out."""
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{element}{told}>" + ("" if element in VOID else f"{join(*children)}</{element}>"))


def breakable(text: str) -> Markup:
    """A name with dots and underscores that may be broken after them."""
    return Markup(escape(text).replace(".", ".<wbr>").replace("_", "_<wbr>"))


def join(*children: str) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))
