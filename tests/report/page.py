"""The command, and a reader of the page that it writes."""

from html.parser import HTMLParser

from click.testing import CliRunner

from gan_style.cli.main import main

VOID = {"meta", "link", "img", "br", "input", "wbr"}


def report(*options: str):
    return CliRunner().invoke(main, ["report", "oil", *options])


class Page(HTMLParser):
    """Elements with their attributes and own text, while checking that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, texts in self.open:
            texts.append(data)

    def find(self, tag, **wanted):
        return [
            (some, "".join(texts))
            for name, some, texts in self.elements
            if name == tag and wanted.items() <= some.items()
        ]

    def rows(self):
        """Cells of the results tables: label -> (attributes, text) of each, by row."""
        found = []
        for name, attributes, texts in self.elements:
            if name == "tr":
                found.append([])
            elif name in ("td", "th") and found:
                found[-1].append((attributes, "".join(texts)))
        return found
