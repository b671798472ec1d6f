"""The search for copied patches: a planted copy is found, changed colours and mirrored ones too."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks import copies

SIDE = 96


@pytest.fixture
def painting(rng):
    coarse = rng.integers(40, 216, (SIDE // 4, SIDE // 4, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("planted", ["same", "paler", "mirrored"])
def test_a_planted_copy_is_found_and_where_it_is(painting, planted):
    patch = painting[21:53, 40:72].astype(float)
    changed = {"same": patch, "paler": patch * 0.5 + 100, "mirrored": patch[:, ::-1]}[planted]
    known = [copies.Painting(np.ascontiguousarray(some)) for some in (painting, painting[:, ::-1])]
    (match,) = copies.matches(changed, known).values()
    assert match.correlation == pytest.approx(1, abs=1e-3)
    found = patch[:, ::-1] if planted == "mirrored" else patch
    np.testing.assert_array_equal(match.found, found)


def test_what_is_no_copy_stays_below_and_flat_patches_are_left_out(painting, rng):
    known = [copies.Painting(painting)]
    picture = np.full((64, 32, 3), 90, np.uint8)
    picture[:32] = rng.integers(0, 256, (32, 32, 3))
    found = copies.matches(picture, known)
    assert (32, 0) not in found
    assert all(match.correlation < 0.7 for match in found.values())


def test_another_folder_is_refused_in_one_line(tmp_path):
    result = CliRunner().invoke(copies.main, [str(tmp_path), str(tmp_path)])
    assert result.exit_code == 2
    assert "there is no 'painted'" in result.output


def test_the_command_tells_painted_pictures_from_photographs(painting, rng, tmp_path):
    for role, pixels in (("painted", painting), ("source", rng.integers(0, 256, painting.shape, np.uint8))):
        (tmp_path / "run" / role).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "run" / role / "one.png")
    (tmp_path / "paintings").mkdir()
    Image.fromarray(painting).save(tmp_path / "paintings" / "one.png")
    arguments = ["run", "paintings", "--side", str(SIDE), "--sheet", "sheet.png"]
    paths = [str(tmp_path / one) if one in ("run", "paintings", "sheet.png") else one for one in arguments]
    result = CliRunner().invoke(copies.main, paths)
    assert not result.exception, result.output
    painted, untouched = result.output.splitlines()
    assert "highest 1.00" in painted
    assert "above 0.95: 25" in painted
    assert "above 0.95: 0" in untouched
    assert (tmp_path / "sheet.png").exists()
