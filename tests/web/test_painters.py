"""Who is offered, and what may be asked of them."""

import io
import json

import pytest
from PIL import Image
from starlette.testclient import TestClient

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run, settle_config
from gan_style.system import included
from gan_style.web.app import Page, application
from gan_style.web.asking import Asking
from gan_style.web.doors import Doors
from gan_style.web.painters import Painters, cut_out, key_of, swatch
from gan_style.web.painting import describe, described
from tests.small import write_small_recipe


@pytest.fixture
def root(tmp_path):
    """A run without a checkpoint, and one that says it has one."""
    for seed in (0, 1):
        run = Run(tmp_path / "runs" / "small" / "default" / f"seed{seed}")
        run.folder.mkdir(parents=True)
        settle_config(run, read_recipe(str(recipe_in(tmp_path / f"{seed}"))).config.model_dump(mode="json"))
    (run.checkpoints / "step-00000008").mkdir(parents=True)
    run.write_summary({"precision": "mixed_bfloat16", "threads": 7})
    return tmp_path / "runs"


def recipe_in(folder):
    folder.mkdir()
    return write_small_recipe(folder)


def asked_at_once(folders, hear):
    hear(json.loads(json.dumps(describe(folders))))


def test_what_is_included_and_runs_with_a_checkpoint_are_offered(root):
    told = {one["name"]: one for one in Painters(root, None, asked_at_once).told()}
    assert next(iter(told)) == "included/oil"
    assert list(told)[-1] == "small/default/seed1"
    assert "included/features" not in told
    assert told["included/any"]["style_image"]
    assert told["included/any"]["strength"]
    assert not told["included/oil"]["strength"], "its networks that learned the identity were left out"
    assert told["small/default/seed1"]["seed"]


def test_a_run_names_the_machine_that_it_needs(root):
    painters = Painters(root, None, asked_at_once).all()
    assert painters["small/default/seed1"].machine == "mixed_bfloat16/7"
    assert Painters(root, 3, asked_at_once).all()["small/default/seed1"].machine == "mixed_bfloat16/3"
    assert painters["included/oil"].machine.startswith("float32/")


def test_a_run_that_cannot_be_read_is_left_out_and_asked_for_again(root):
    config = root / "small" / "default" / "seed1" / "config.yaml"
    good = config.read_text()
    config.write_text("data: [")
    painters = Painters(root, None, asked_at_once)
    assert "small/default/seed1" not in [one["name"] for one in painters.told()]
    config.write_text(good)
    assert "small/default/seed1" in [one["name"] for one in painters.told()]


def test_styles_by_name_are_told(tmp_path):
    assert described(included.FOLDER / "sketch")["styles"] == []
    run = Run(tmp_path)
    settle_config(run, read_recipe("multistyle").config.model_dump(mode="json"))
    assert {"oil", "sketch"} <= set(described(run.folder)["styles"])


def test_an_included_painter_has_a_picture():
    assert swatch("oil")[8:12] == b"WEBP"
    assert swatch("../oil") is None
    before = cut_out.cache_info().currsize
    assert swatch("nobody") is None
    assert swatch("features") is None, "it is included, and paints nothing"
    assert cut_out.cache_info().currsize == before


def test_without_a_size_the_recipe_decides(tmp_path):
    page = Page(Doors.of("127.0.0.1", None), tmp_path, Asking(tmp_path, tmp_path / "answers.jsonl", {}, None))
    client = TestClient(application(page), base_url="http://127.0.0.1")
    file = io.BytesIO()
    Image.new("RGB", (1024, 512)).save(file, "PNG")
    order = {
        "painter": "included/oil",
        "photograph": client.post("/api/photographs", content=file.getvalue()).json()["id"],
    }
    assert client.post("/api/paintings", json=order).json()["wishes"]["size"] is None
    (painting,) = page.worker.queue
    assert painting.order()["size"] is None
    assert painting.area == 512 * 256
    page.painters.known[key_of(page.painters.all()["included/oil"])] = {"size": 256}
    assert client.post("/api/paintings", json=order).json()["wishes"]["size"] == 256
    page.uploads.close()
