"""The Chinese README says what the English one says: the same commands, names, pictures and links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+# .*$", re.MULTILINE)
PLACES = ("runs/oil/default/seed0/",)  # of blocks that explain, in words, what lies where


def commands(text: str) -> list[str]:
    """Fenced blocks without their comments, and of an explained list of files only the names."""
    blocks = [COMMENT.sub("", block) for block in FENCED.findall(text)]
    return [
        "\n".join(line.split()[0] for line in block.splitlines()) if block.startswith(PLACES) else block
        for block in blocks
    ]


def prose(text: str) -> str:
    return FENCED.sub("", text)


def names(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def links(text: str) -> set[str]:
    return {link for link in re.findall(r"\]\(([^)]+)\)", prose(text)) if not link.startswith("README")}


def shape(text: str) -> list[str]:
    """Of headings and rows of tables, in their order, the marks that they begin with."""
    return re.findall(r"^(#+|\|)", prose(text), re.MULTILINE)


@pytest.mark.parametrize("what", [commands, names, links, shape], ids=lambda what: what.__name__)
def test_both_readmes_have_the_same(what):
    english, chinese = what(ENGLISH), what(CHINESE)
    if isinstance(english, set):
        assert english - chinese == set()
        assert chinese - english == set()
    assert chinese == english


def test_each_leads_to_the_other():
    assert "(README.zh.md)" in ENGLISH
    assert "(README.md)" in CHINESE
