"""Every word of the page is in both languages, and nothing names a word that there is not."""

import json
import re
from pathlib import Path

import pytest

import gan_style.web
from gan_style.experiment.card import cards
from gan_style.experiment.runs import Run

STATIC = Path(gan_style.web.__file__).parent / "static"
STRINGS = json.loads((STATIC / "strings.json").read_text(encoding="utf-8"))
SCRIPTS = {path.name: path.read_text() for path in (STATIC / "js").glob("*.js")}
PAGES = {path.name: path.read_text() for path in STATIC.glob("*.html")}
# Keys that are put together: from a status, a state, a unit, a painter.
COMPOSED = {
    "status": ("running", "finished", "interrupted", "failed", "killed", "unknown"),
    "state": ("loading", "painting", "saving", "done", "cancelled"),
    "time": ("d", "h", "min"),
    "painter": tuple(name for name, card in cards().items() if card.kind == "painter"),
    "about": tuple(name for name, card in cards().items() if card.kind == "painter"),
}


def used() -> set[str]:
    found = set()
    for text in PAGES.values():
        found |= set(re.findall(r'data-(?:text|label|alt)="([^"]+)"', text))
    for text in SCRIPTS.values():
        found |= set(re.findall(r'\bt\("([^"]+)"', text))
    return found | {f"{part}.{name}" for part, names in COMPOSED.items() for name in names}


def test_both_languages_have_the_same_words_with_the_same_gaps():
    english, chinese = STRINGS["en"], STRINGS["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        gaps = [sorted(re.findall(r"\{\w+\}", some)) for some in (text, chinese[key])]
        assert gaps[0] == gaps[1], key
        assert chinese[key].strip(), key


def test_every_word_that_is_used_is_there_and_every_one_there_is_used():
    assert used() == STRINGS["en"].keys()


def test_a_status_of_a_run_has_its_word(tmp_path):
    assert f"status.{Run(tmp_path).status()}" in STRINGS["en"]


@pytest.mark.parametrize("name", [*PAGES, *SCRIPTS, "style.css", "tabs.css"])
def test_nothing_comes_from_elsewhere(name):
    text = (STATIC / "js" / name if name in SCRIPTS else STATIC / name).read_text()
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", text)
    assert [one for one in addresses if "www.w3.org" not in one] == []


def test_scripts_stay_small_and_nothing_stands_in_the_page_that_its_policy_refuses():
    assert max(text.count("\n") for text in SCRIPTS.values()) < 200
    for text in PAGES.values():
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*src=)", text)
