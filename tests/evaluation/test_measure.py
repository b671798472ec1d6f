"""Every figure of held-out pictures: exact references, faults that are seen, no interval too narrow."""

import numpy as np
import pytest

from gan_style.data.held_out import HeldOut, Pictures
from gan_style.evaluation import rows
from gan_style.evaluation.jackknife import Jackknifed
from gan_style.evaluation.measure import (
    Judges,
    collapses,
    kept_content,
    labels_kept,
    measure,
    own_faults,
)
from gan_style.evaluation.measured import Measured
from gan_style.evaluation.rows import Rows
from gan_style.evaluation.show import row
from gan_style.evaluation.styles import mean_of
from gan_style.evaluation.whole_sets import whole_sets
from gan_style.features.backbones import Wavelets
from tests.evaluation.toy_paintings import painted, photograph

CALIBRATED = (
    *(f"{name}[wavelets]" for name in ("gram", "euclidean", "cosine", "wasserstein", "kid")),
    "kept_detail",
)


def pictures(pixels):
    """Of eleven photographs, two of which have two crops."""
    names = ("a0", "a1", "b0", "b1", *(f"{name}0" for name in "cdefghijk"))[: len(pixels)]
    return Pictures(names, tuple(pixels), tuple(name[0] for name in names))


@pytest.fixture(scope="module", autouse=True)
def each_picture_is_looked_at_once():
    seen, look = {}, rows.look

    def once(backbone, pixels):
        key = pixels.tobytes()
        if key not in seen:
            seen[key] = look(backbone, pixels)
        return seen[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "look", once)
        yield


@pytest.fixture(scope="module")
def held_out():
    rng = np.random.default_rng(0)
    photos = [photograph(rng) for _ in range(13)]
    target, second = ([painted(photo, rng) for photo in photos] for _ in range(2))
    return HeldOut(
        "oil", pictures(photos), pictures(target), pictures(second), paired=True, second=pictures(second)
    )


def figures(held_out, fakes):
    return {name: one.figure() for name, one in measure(Rows.of(held_out, fakes, Wavelets())).items()}


def test_identity_scores_zero_and_real_vs_real_one(held_out):
    for fakes, expected in ((held_out.source.pixels, 0.0), (held_out.second.pixels, 1.0)):
        found = figures(held_out, fakes)
        assert all(found[name].score for name in CALIBRATED), {name: found[name].note for name in CALIBRATED}
        for name, figure in found.items():
            if figure.score:
                score = figure.score
                assert (score.value, score.low, score.high) == pytest.approx((expected,) * 3, abs=1e-9), name


def test_kid_of_two_true_paintings_of_the_same_photographs_straddles_zero(held_out):
    """Compared with their own counterparts too, it would be far below."""
    kid = figures(held_out, held_out.second.pixels)["kid[wavelets]"]
    assert kid.real.low < 0 < kid.real.high < 0.02 * kid.identity.low


def test_a_planted_better_method_ranks_first(held_out):
    rng = np.random.default_rng(5)
    good, poor = ([painted(photo, rng, strength) for photo in held_out.source.pixels] for strength in (26, 8))
    better, worse = (
        figures(held_out, good)["gram[wavelets]"].score,
        figures(held_out, poor)["gram[wavelets]"].score,
    )
    assert better.value > worse.value
    assert better.low > worse.high


def test_faults_are_seen(held_out):
    def looked_at(fakes):
        compared = Rows.of(held_out, fakes, Wavelets())
        return {
            name: one.figure().method
            for part in (own_faults, collapses, kept_content)
            for name, one in part(compared)
        }

    def faulty(change):
        return looked_at(
            [
                np.clip(change(pixels.astype(float)), 0, 255).astype(np.uint8)
                for pixels in held_out.second.pixels
            ]
        )

    clean, identity, constant = (
        looked_at(fakes)
        for fakes in (held_out.second.pixels, held_out.source.pixels, [held_out.second.pixels[0]] * 13)
    )
    y, x = np.mgrid[:64, :64]
    assert (
        faulty(lambda p: p + 16 * (-1.0) ** (x + y)[..., None])["checkerboard"].low
        > 3 * clean["checkerboard"].high
    )
    frame = np.pad(np.ones((58, 58)), 3, constant_values=0.7)[..., None]
    assert faulty(lambda p: p * frame)["border"].low > clean["border"].high
    assert faulty(lambda p: 255 - p)["colour_shift"].low > 3 * clean["colour_shift"].high
    assert constant["diversity"].value < 0.01 < 0.5 < clean["diversity"].value
    assert identity["kept_detail"].value == pytest.approx(1)
    assert clean["kept_detail"].high < 0.5


def test_without_counterparts_paintings_are_known_by_their_common_texture(held_out):
    rng = np.random.default_rng(3)
    others = pictures([painted(photograph(rng), rng) for _ in range(13)])
    unpaired = HeldOut("oil", held_out.source, held_out.target, others, paired=False)
    found = figures(unpaired, held_out.second.pixels)
    assert not {"ssim", "mse"} & set(found)
    assert found["structure[wavelets]"].real is None
    assert found["gram[wavelets]"].score.low > 0.5
    assert set(found["gram[wavelets]"].method.units) == {"photographs", "paintings in oil"}
    assert set(found["kid[wavelets]"].score.units) == {
        "photographs",
        "paintings in oil",
        "other paintings in oil",
    }
    assert figures(unpaired, held_out.source.pixels)["gram[wavelets]"].score.value == pytest.approx(0)


def test_pairs_without_a_second_painting_are_known_by_the_common_texture_too(held_out):
    """As pix2pix' sets are: likeness to the counterpart has no real vs real, but style has."""
    rng = np.random.default_rng(3)
    others = [painted(photograph(rng), rng) for _ in range(3)]
    several = Pictures(("x", "y", "z"), tuple(others), ("x", "y", "z"))
    found = figures(
        HeldOut("oil", held_out.source, held_out.target, several, paired=True), held_out.second.pixels
    )
    gram = found["gram[wavelets]"]
    assert gram.score.value > 0.5
    assert gram.score.low is None, "of three other paintings"
    assert found["mse"].real is None
    assert found["mse"].note == "no reference to compare with"


def test_few_photographs_give_no_interval_and_fewer_no_score(held_out):
    """Their crops are no further evidence: an interval of one has no width, and would separate anything."""

    def of(originals):
        keep = [index for index, name in enumerate(held_out.source.originals) if name in originals]
        fewer = [
            Pictures(
                *(tuple(one[index] for index in keep) for one in (role.names, role.pixels, role.originals))
            )
            for role in (held_out.source, held_out.target, held_out.second)
        ]
        return figures(HeldOut("oil", *fewer, paired=True, second=fewer[2]), fewer[2].pixels)

    for few in ("a", "ab"):
        assert {figure.score for figure in of(few).values()} == {None}
        assert "fewer than 3" in of(few)["gram[wavelets]"].note
    gram = of("abc")["gram[wavelets]"]
    assert gram.score
    assert gram.no_interval == "3 photographs"
    assert "[" not in "".join(row("gram", gram)), "no interval is shown"
    assert "[" in "".join(row("gram", of("abcdefghijk")["gram[wavelets]"]))


def test_the_mean_over_styles_has_a_score_only_where_every_style_has_one():
    def figure(value):
        return Jackknifed(
            value, {("photographs", name): value + 0.001 * ord(name) for name in "abcdefghijkl"}
        )

    sure = Measured("lower", [figure(value) for value in (0.4, 1.0, 0.1)])
    unsure = Measured("lower", [figure(2 * value) for value in (0.4, 1.0, 0.1)], "too few")
    whole = mean_of([sure, sure]).figure()
    assert whole.score.value == pytest.approx(0.6 / 0.9)
    both = mean_of([sure, unsure]).figure()
    assert (both.score, both.note) == (None, "too few")
    assert both.method.value == pytest.approx(0.6)
    assert len(both.method.units["photographs"]) == 12


def test_paintings_of_one_style_are_left_out_of_its_own_figures_alone():
    oil, sketch = (
        Measured("lower", [Jackknifed(1.0, {(f"paintings in {style}", "x"): 3.0})] * 3)
        for style in ("oil", "ink")
    )
    assert mean_of([oil, sketch]).roles[0].without == {
        ("paintings in oil", "x"): 2.0,
        ("paintings in ink", "x"): 2.0,
    }


def test_diversity_has_an_interval(held_out):
    diversity = (
        dict(collapses(Rows.of(held_out, held_out.second.pixels, Wavelets())))["diversity"].figure().method
    )
    assert diversity.low < diversity.value < diversity.high


def test_a_frechet_distance_has_no_score_without_an_interval(held_out):
    compared = Rows.of(held_out, held_out.second.pixels, Wavelets())
    fid = dict(whole_sets(compared, force_fid=True))["fid"].figure()
    assert "13 against 13 pictures" in fid.note
    assert fid.score is None
    assert not any(name.startswith("fid") for name, _ in whole_sets(compared, force_fid=False))


def test_kid_of_subsets_is_told_where_there_are_enough_pictures(held_out):
    def many(role):
        return Pictures(
            *((one * 2)[:24] for one in (role.names, role.pixels)),
            tuple(f"{index // 4}" for index in range(24)),
        )

    assert "kid_subsets" not in dict(whole_sets(Rows.of(held_out, held_out.second.pixels, Wavelets()), False))
    source, target, second = map(many, (held_out.source, held_out.target, held_out.second))
    enough = HeldOut("oil", source, target, second, paired=True, second=second)
    found = dict(whole_sets(Rows.of(enough, second.pixels, Wavelets()), False))["kid_subsets"].figure()
    assert found.note.startswith("mean of 100 subsets of 12, which spread by ")
    assert found.method.low is None, "how subsets spread is no interval"


def test_the_whole_artfid_needs_its_backbones(held_out):
    compared = Rows.of(held_out, held_out.second.pixels, Wavelets())
    assert "artfid[wavelets]" not in measure(compared)

    def lpips(one, other):
        return np.abs(one - other).mean(axis=(1, 2, 3))

    found = measure(compared, Judges(lpips=lpips, force_fid=True))
    method, fid = found["artfid[wavelets]"].figure().method, found["fid[wavelets]"].figure().method
    lost = [
        np.abs(ours.astype(float) - theirs).mean() / 127.5
        for ours, theirs in zip(*both_of(held_out), strict=True)
    ]
    by_photograph = [np.mean(lost[:2]), np.mean(lost[2:4]), *lost[4:]]
    assert method.value == pytest.approx((1 + np.mean(by_photograph)) * (1 + fid.value), rel=1e-5)
    assert "structure_kid[wavelets]" in found


def both_of(held_out):
    return held_out.second.pixels, held_out.source.pixels


def test_labels_of_a_painting_agree_as_far_as_it_shows_the_photograph(held_out):
    def classifier(pictures):
        """Ten classes, by brightness: the nearest five of them are the first five."""
        brightness = np.array([picture.mean() for picture in pictures])
        return -np.abs(brightness[:, None] - np.linspace(0, 255, 40)[None])

    fakes = [np.clip(pixels.astype(int) + 12, 0, 255).astype(np.uint8) for pixels in held_out.source.pixels]
    found = dict(labels_kept(Rows.of(held_out, fakes, Wavelets()), classifier))
    top1, top5 = (found[name].figure() for name in ("label_top1", "label_top5"))
    assert top1.identity.value == top5.identity.value == 1
    assert top1.method.value < 0.2
    assert top5.method.value == 1
    assert (top1.score, top1.better) == (None, "higher")


def repeated(role, groups):
    """As many pictures as groups, cut from these originals."""
    count = len(groups)
    pixels = [role.pixels[index % len(role.pixels)] for index in range(count)]
    return Pictures(tuple(f"{index:02d}" for index in range(count)), tuple(pixels), tuple(groups))


def test_one_original_beside_many_ends_well(held_out):
    """Without it there are no fakes, or no real targets, to count neighbours of."""
    nine = repeated(held_out.target, "abcdefghi")
    for source, others in (("a" * 2, "abcd"), ("abcd", "a")):
        unpaired = HeldOut(
            "oil", repeated(held_out.source, source), nine, repeated(held_out.second, others), False
        )
        found = figures(unpaired, unpaired.source.pixels)
        assert "density[wavelets]" in found
        assert "fewer than" in found["gram[wavelets]"].note


def test_subsets_of_one_original_alone_are_not_told(held_out):
    groups = "a" * 23 + "b"
    source, target, second = (
        repeated(role, groups) for role in (held_out.source, held_out.target, held_out.second)
    )
    found = figures(HeldOut("oil", source, target, second, True, second), second.pixels)
    assert "kid_subsets[wavelets]" not in found
    assert "kid[wavelets]" in found


def test_photographs_that_are_to_come_back_are_measured_against_themselves(held_out):
    """Compared as if they were two independent sets, they would be nearer than equal ones."""
    found = figures(held_out.returned(), held_out.second.pixels)
    assert {figure.score for figure in found.values()} == {None}
    assert found["gram[wavelets]"].identity.value == pytest.approx(0, abs=1e-6)
    assert found["gram[wavelets]"].method.value > 0.01
