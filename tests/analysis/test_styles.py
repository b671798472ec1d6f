"""`gan-style styles` on textures that anybody can tell apart, and its arithmetic against what is known."""

import csv
import re

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from scipy.spatial.distance import cdist

from gan_style.analysis.styles.drawing import apart, write_heat_map, write_map
from gan_style.analysis.styles.likeness import blend, clusters, flat_map, matrix, neighbourly
from gan_style.analysis.styles.specimens import specimens
from gan_style.cli.main import main
from gan_style.features.backbones import Wavelets
from gan_style.metrics.textures import DISTANCES
from tests.analysis.synthetic import write_folders


def invoke(*arguments):
    return CliRunner().invoke(main, ["styles", *map(str, arguments)])


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Six folders, what was said of them, and where it was written."""
    root = tmp_path_factory.mktemp("styles")
    folders = write_folders(root / "in")
    nearest = root / "unknown.png"
    Image.open(folders[0] / "0.png").transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(nearest)
    told = invoke(*folders, "--clusters", 3, "--nearest", nearest, "--output", root / "out")
    assert told.exit_code == 0, told.output
    return folders, told.output, root / "out"


def read(path):
    header, *rows = list(csv.reader(path.open()))
    assert [row[0] for row in rows] == header[1:]
    return header[1:], np.array([[float(value) for value in row[1:]] for row in rows])


def test_the_table_is_that_of_the_pooled_grams(compared):
    folders, output, written = compared
    names, table = read(written / "distances.csv")
    assert names == [folder.name for folder in folders]
    np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(table), 0)
    grams = []
    for folder in folders:
        maps = [
            Wavelets()(np.asarray(Image.open(file), np.float32)[None] / 127.5 - 1)
            for file in sorted(folder.glob("*.png"))
        ]
        flat = {
            layer: np.concatenate([one[layer].reshape(-1, 12) for one in maps]).astype(np.float64)
            for layer in maps[0]
        }
        grams.append({layer: values.T @ values / len(values) for layer, values in flat.items()})
    norm = np.linalg.norm
    expected = [
        [np.mean([norm(a[k] - b[k]) / (norm(a[k]) + norm(b[k])) for k in a]) for b in grams] for a in grams
    ]
    np.testing.assert_allclose(table, expected, atol=1e-6)
    assert f"{table[0, 2]:.3f}" in output


def test_like_textures_are_one_cluster_and_neighbours(compared):
    _, output, written = compared
    assert (
        "cluster 1: stripes_0, stripes_1\ncluster 2: dots_0, dots_1\ncluster 3: noise_0, noise_1\n" in output
    )
    names, table = read(written / "distances.csv")
    order = [names[index].split("_")[0] for index in neighbourly(table)]
    assert all(order[place] == order[place + 1] for place in (0, 2, 4))


def test_the_nearest_come_first_and_are_blended(compared):
    _, output, _ = compared
    listed = re.findall(r"^  (\d\.\d+)  (\w+)$", output, re.MULTILINE)
    assert len(listed) == 6
    assert [distance for distance, _ in listed] == sorted(distance for distance, _ in listed)
    assert listed[0][1] == "stripes_0"
    assert re.search(r"suggested blend, by 1 / distance²: --style stripes_0=[\d.]+\+", output)
    assert "--style-image" not in output


def test_pictures_are_compared_like_folders_and_suggested_as_style_images(tmp_path):
    folders = write_folders(tmp_path / "in", 1)
    files = [folder / "0.png" for folder in folders]
    told = invoke(*files, "--nearest", files[2], "--distance", "wasserstein", "--output", tmp_path / "out")
    assert told.exit_code == 0, told.output
    assert read(tmp_path / "out" / "distances.csv")[0][0] == "stripes_0/0"
    assert f"--style dots_0/0=1\n  from style images: --style-image {files[2]}=1\n" in told.output


@pytest.mark.parametrize("name", DISTANCES)
def test_every_distance_tells_the_textures_apart(name, compared):
    found = specimens(compared[0], Wavelets(), 512)
    table = matrix([style.textures for style in found], DISTANCES[name])
    np.testing.assert_array_equal(table, table.T)
    assert clusters(table, 3) == [1, 1, 2, 2, 3, 3]


def test_a_plane_is_found_again(rng):
    points = rng.normal(size=(9, 2)) * (3, 1)
    found, held = flat_map(cdist(points, points))
    np.testing.assert_allclose(cdist(found, found), cdist(points, points), atol=1e-9)
    assert held == pytest.approx(1)
    # Of a regular tetrahedron's three equal dimensions a plane holds two.
    assert flat_map(1 - np.eye(4))[1] == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        np.abs(flat_map(np.array([[0, 3.0], [3, 0]]))[0]), [[1.5, 0], [1.5, 0]], atol=1e-9
    )


def test_blends_follow_the_formula():
    # 1 / d² is 100, 25 and 6.25; the last is less than a tenth of all, and the fourth is never asked.
    assert blend({"c": 0.4, "a": 0.1, "d": 0.9, "b": 0.2}) == {"a": 0.8, "b": 0.2}
    assert blend({"a": 0.3, "b": 0.3, "c": 0.3}) == {"a": 0.34, "b": 0.33, "c": 0.33}
    assert blend({"a": 0.3, "same": 0.0}) == {"same": 1.0}


def test_the_heat_map_is_darker_where_styles_are_farther(tmp_path):
    write_heat_map(tmp_path / "a.png", "", ["a", "b", "c"], np.array([[0, 1, 4], [1, 0, 2], [4, 2, 0.0]]))
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("L"), float)
    cells = pixels[-10 - 3 * 44 :, -10 - 3 * 44 :]
    shades = [[cells[row * 44 + 3, column * 44 + 3] for column in range(3)] for row in range(3)]
    assert shades[0][0] == 255 > shades[0][1] > shades[1][2] > shades[0][2] == shades[2][0]


def test_thumbnails_stand_where_their_styles_are(tmp_path):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    pictures = [np.full((30, 40, 3), colour, np.uint8) for colour in colours]
    write_map(
        tmp_path / "map.png", "", ["r", "g", "b"], np.array([[0, 0], [4, 0], [0, 2.0]]), pictures, [1, 1, 2]
    )
    pixels = np.asarray(Image.open(tmp_path / "map.png"))
    red, green, blue = (np.argwhere((pixels == colour).all(axis=-1)).mean(axis=0) for colour in colours)
    assert red - blue == pytest.approx([np.linalg.norm(green - red) / 2, 0], abs=1)
    assert green[1] > red[1]


def test_boxes_are_pushed_off_each_other_and_stay_on_the_sheet(rng):
    sizes = rng.uniform(40, 90, (20, 2))
    places = apart(np.concatenate([rng.uniform(300, 500, (18, 2)), np.full((2, 2), 40.0)]), sizes)
    for one in range(20):
        for other in range(one):
            assert (np.abs(places[one] - places[other]) >= (sizes[one] + sizes[other]) / 2 - 1e-3).any()
    assert (places >= sizes / 2).all()
    assert (places <= (1100, 800) - sizes / 2).all()


def test_bad_files_are_named_and_skipped(tmp_path):
    folders = write_folders(tmp_path / "in", 1)[1:4]
    (folders[0] / "torn.png").write_bytes(b"junk")
    Image.new("RGB", (20, 20)).save(folders[0] / "tiny.png")
    (folders[2] / "0.png").write_bytes(b"")
    told = invoke(*folders, "--output", tmp_path / "out")
    assert told.exit_code == 0, told.output
    assert f"{folders[0] / 'torn.png'}: not a picture" in told.stderr
    assert f"{folders[0] / 'tiny.png'}: wavelets v1: pictures of 20x20 pixels are too small" in told.stderr
    assert f"{folders[2]}: no picture in it can be used; it is left out" in told.stderr
    assert read(tmp_path / "out" / "distances.csv")[0] == ["stripes_1", "dots_0"]


def test_mistakes_are_one_message(tmp_path):
    folders = write_folders(tmp_path / "in", 1)[:2]
    (tmp_path / "junk.png").write_bytes(b"junk")
    for arguments, expected in (
        ([folders[0]], "1 of 1 given can be used; two pictures or folders at least are compared"),
        ([folders[0], folders[0]], "1 of 2 given"),
        ([*folders, tmp_path / "nowhere"], "nowhere: there is no such file or folder"),
        ([*folders, "--clusters", 3], "--clusters 3: there are only 2 styles"),
        ([*folders, "--nearest", tmp_path / "junk.png"], "junk.png: expected one picture that can be read"),
        ([*folders, "--nearest", folders[0]], "expected one picture"),
        ([*folders, "--backbone", "nobody"], "unknown kind 'nobody'"),
    ):
        told = invoke(*arguments, "--output", tmp_path / "out")
        assert told.exit_code == 2, told.output
        assert expected in told.stderr
        assert not (tmp_path / "out").exists()
