"""Every figure of held-out pictures: exact references, faults that are seen, no interval too narrow."""

import numpy as np
import pytest

from gan_style.data.held_out import HeldOut, Pictures
from gan_style.evaluation.measure import Measured, collapses, kept_content, measure, own_faults, whole_sets
from gan_style.evaluation.rows import Rows
from gan_style.evaluation.show import row
from gan_style.evaluation.styles import mean_of
from gan_style.features.backbones import Wavelets
from tests.evaluation.toy_paintings import painted, photograph

CALIBRATED = (
    *(f"{name}[wavelets]" for name in ("gram", "euclidean", "cosine", "wasserstein", "kid")),
    "kept_detail",
)


def pictures(pixels):
    names = tuple(f"{name}{corner}" for name in "abcd" for corner in range(2))
    return Pictures(names, tuple(pixels), tuple(name[0] for name in names))


@pytest.fixture(scope="module")
def held_out():
    rng = np.random.default_rng(0)
    photos = [photograph(rng) for _ in range(8)]
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
    """Compared with their own counterparts too, even the highest resample would be below -0.1."""
    kid = figures(held_out, held_out.second.pixels)["kid[wavelets]"]
    assert kid.real.low < 0 < kid.real.high < 0.01 * kid.identity.low


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
        rows = Rows.of(held_out, fakes, Wavelets())
        return {
            name: one.figure().method
            for part in (own_faults, collapses, kept_content)
            for name, one in part(rows)
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
        for fakes in (held_out.second.pixels, held_out.source.pixels, [held_out.second.pixels[0]] * 8)
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
    others = pictures([painted(photograph(rng), rng) for _ in range(8)])
    unpaired = HeldOut("oil", held_out.source, held_out.target, others, paired=False)
    found = figures(unpaired, held_out.second.pixels)
    assert not {"ssim", "mse"} & set(found)
    assert found["structure[wavelets]"].real is None
    assert found["gram[wavelets]"].score.low > 0.5
    assert figures(unpaired, held_out.source.pixels)["gram[wavelets]"].score.value == pytest.approx(0)


def test_pairs_without_a_second_painting_are_known_by_the_common_texture_too(held_out):
    """As pix2pix' sets are: likeness to the counterpart has no real vs real, but style has."""
    rng = np.random.default_rng(3)
    others = [painted(photograph(rng), rng) for _ in range(3)]
    several = Pictures(("x", "y", "z"), tuple(others), ("x", "y", "z"))
    found = figures(
        HeldOut("oil", held_out.source, held_out.target, several, paired=True), held_out.second.pixels
    )
    assert found["gram[wavelets]"].score.low > 0.5
    assert found["mse"].real is None
    assert found["mse"].note == "no reference to compare with"


def test_one_or_two_photographs_give_no_score(held_out):
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
    assert of("abc")["gram[wavelets]"].score
    assert row("gram", of("a")["gram[wavelets]"])[1].count("[") == 0, "no interval is shown"


def test_the_mean_over_styles_has_a_score_only_where_every_style_has_one():
    draws = [np.full(11, value) + np.linspace(0, 0.1, 11) for value in (0.4, 1.0, 0.1)]
    sure, unsure = (
        Measured("lower", draws, units={"a": 0.4}),
        Measured("lower", [one * 2 for one in draws], "too few", {"a": 0.8}),
    )
    whole = mean_of([sure, sure]).figure()
    assert whole.score.value == pytest.approx(0.6 / 0.9)
    both = mean_of([sure, unsure]).figure()
    assert (both.score, both.note) == (None, "too few")
    assert both.method.value == pytest.approx(0.6)
    assert both.units == {"a": pytest.approx(0.6)}


def test_diversity_has_an_interval(held_out):
    diversity = (
        dict(collapses(Rows.of(held_out, held_out.second.pixels, Wavelets())))["diversity"].figure().method
    )
    assert diversity.low < diversity.value < diversity.high


def test_a_frechet_distance_has_no_score_without_an_interval(held_out):
    rows = Rows.of(held_out, held_out.second.pixels, Wavelets())
    fid = dict(whole_sets(rows, force_fid=True))["fid"].figure()
    assert "8 against 8 pictures" in fid.note
    assert fid.score is None
    assert not any(name.startswith("fid") for name, _ in whole_sets(rows, force_fid=False))


def test_kid_of_subsets_is_told_where_there_are_enough_pictures(held_out):
    def many(role):
        return Pictures(
            *((one * 3)[:24] for one in (role.names, role.pixels)),
            tuple(f"{index // 4}" for index in range(24)),
        )

    assert "kid_subsets" not in dict(whole_sets(Rows.of(held_out, held_out.second.pixels, Wavelets()), False))
    source, target, second = map(many, (held_out.source, held_out.target, held_out.second))
    enough = HeldOut("oil", source, target, second, paired=True, second=second)
    found = dict(whole_sets(Rows.of(enough, second.pixels, Wavelets()), False))["kid_subsets"].figure()
    assert found.note == "mean and spread of 100 subsets of 12"
    assert found.identity.low < found.identity.value < found.identity.high
