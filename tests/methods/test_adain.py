"""AdaIN: arithmetic against NumPy, style pictures, blends, regions, strength, colours, senseless requests."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_style.features.random_encoder import RandomEncoder
from gan_style.inference import painting
from gan_style.inference.requests import style_images
from gan_style.losses.statistics import EPSILON, adain, moments, statistics_distance
from gan_style.methods import Request
from gan_style.methods.adain import shared_out
from gan_style.methods.base.encoder import Encoder
from gan_style.system import images
from gan_style.system.errors import UserError
from tests.methods.test_methods import method_of, plain_request, smooth_batch


@pytest.fixture
def features(rng):
    return rng.normal(1, 2, (2, 6, 5, 4)).astype(np.float32), rng.normal(-3, 0.5, (2, 7, 9, 4)).astype(
        np.float32
    )


@pytest.fixture(params=[0, 1], ids=["deepest", "skips"])
def method(tmp_path, request):
    """An untrained decoder, of a photograph and two styles."""
    return method_of("adain", tmp_path, "method.ema_decay=0", f"method.skips={request.param}")


def styles(rng, *weights):
    return tuple(
        (rng.uniform(-1, 1, (24, 40, 3)).astype(np.float32) ** (3 if number else 1), w)
        for number, w in enumerate(weights)
    )


def test_adain_against_numpy_with_epsilon_inside_the_root(features):
    content, style = features

    def root(maps):
        return np.sqrt(maps.var((1, 2), keepdims=True) + EPSILON)

    expected = (content - content.mean((1, 2), keepdims=True)) / root(content) * root(style) + style.mean(
        (1, 2), keepdims=True
    )
    np.testing.assert_allclose(adain(content, moments(style)), expected, rtol=1e-4, atol=1e-5)
    # A channel without any variance has a slope all the same.
    flat = tf.zeros((1, 4, 4, 2))
    with tf.GradientTape() as tape:
        tape.watch(flat)
        value = tf.reduce_sum(moments(flat)[1])
    assert np.isfinite(tape.gradient(value, flat)).all()


def test_its_own_style_leaves_content_as_it_is(features):
    content, _ = features
    np.testing.assert_allclose(adain(content, moments(content)), content, atol=1e-5)
    for one, other in zip(moments(adain(content, moments(content))), moments(content), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_regions_moments_are_those_of_its_pixels(features):
    content, style = features
    region = np.zeros((2, 6, 5, 1), np.float32)
    region[:, :3] = 1
    mean, deviation = moments(content, region)
    np.testing.assert_allclose(mean, content[:, :3].mean((1, 2), keepdims=True), rtol=1e-4)
    np.testing.assert_allclose(deviation, content[:, :3].std((1, 2), keepdims=True), rtol=1e-4)
    np.testing.assert_allclose(
        adain(content, moments(style), moments(content, region))[:, :3],
        adain(content[:, :3], moments(style)),
        rtol=1e-3,
        atol=1e-4,
    )


def test_distance_of_statistics_against_numpy(features):
    content, style = features
    expected = 0.0
    for of in (np.mean, lambda maps, axis: np.sqrt(maps.var(axis) + EPSILON)):
        expected += np.mean((of(content, axis=(1, 2)) - of(style, axis=(1, 2))) ** 2)
    np.testing.assert_allclose(
        statistics_distance({"a": content, "b": content}, {"a": style, "b": style}), 2 * expected, rtol=1e-4
    )


def test_pictures_without_partners_are_compared_with_what_all_have_in_common(features):
    content, style = features
    whole = style.reshape(1, -1, *style.shape[2:])
    each = [float(statistics_distance({"a": one[None]}, {"a": whole})) for one in content]
    np.testing.assert_allclose(
        statistics_distance({"a": content}, {"a": style}, in_common=True), np.mean(each), rtol=1e-4
    )


def test_the_decoder_is_asked_for_the_moments_of_the_style(method, rng):
    (pixels, _), source = styles(rng, 1.0)[0], smooth_batch().source
    wanted = method.styled(method.encoded(source), source, Request(style_images=((pixels, 1.0),)))
    for features, style in zip(wanted, method.encoded(pixels[None]), strict=True):
        for one, other in zip(moments(features), moments(style), strict=True):
            # Epsilon counts where a smooth photograph hardly varies.
            np.testing.assert_allclose(one, np.repeat(other, 2, 0), rtol=5e-3, atol=1e-3)


def test_styles_mix_by_their_weights(method, rng):
    source = smooth_batch().source
    first, second = styles(rng, 1.0, 1.0)
    a, b = (np.asarray(method.translate(source, Request(style_images=(one,)))) for one in (first, second))
    assert np.abs(a - b).mean() > 1e-3
    content = method.encoded(source)
    mixed, alone, *ends = (
        method.styled(content, source, Request(style_images=pair))
        for pair in (((first[0], 6.0), (second[0], 2.0)), (first, (second[0], 0.0)), (first,), (second,))
    )
    for level in range(len(content)):
        expected = 0.75 * ends[0][level] + 0.25 * ends[1][level]
        np.testing.assert_allclose(mixed[level], expected, atol=1e-4)
        np.testing.assert_allclose(alone[level], ends[0][level], atol=1e-5)


def test_strength_leads_from_the_photograph_itself_to_the_style(method, rng):
    source = smooth_batch().source
    asked = Request(style_images=styles(rng, 1.0))
    painted = [np.asarray(method.translate(source, replace(asked, strength=s))) for s in (0.0, 0.3, 0.6, 1.0)]
    np.testing.assert_allclose(painted[0], source, atol=1e-5)
    np.testing.assert_array_equal(painted[3], method.translate(source, asked))
    changes = [np.square(one - source).mean() for one in painted]
    assert changes == sorted(changes)


def test_masks_give_each_region_its_style_picture_and_leave_the_rest_bit_for_bit(method, rng):
    picture = images.Picture(rng.integers(0, 256, (70, 90, 3), np.uint8))
    left, right = np.zeros((70, 90), np.float32), np.zeros((70, 90), np.float32)
    left[10:60, 5:30], right[10:60, 55:85] = 1, 1
    asked = Request(style_images=styles(rng, 1.0, 1.0), masks={"1": left, "2": right})
    result = painting.paint(method, picture, 512, asked).pixels
    outside = (left + right) == 0
    np.testing.assert_array_equal(result[outside], picture.pixels[outside])
    assert (result[left > 0] != picture.pixels[left > 0]).mean() > 0.5
    # Away from its edge a region takes nothing from the other's style.
    other = replace(asked, style_images=(asked.style_images[0], (-asked.style_images[1][0], 1.0)))
    changed = np.abs(painting.paint(method, picture, 512, other).pixels.astype(int) - result).max(-1)
    assert changed[20:50, 12:22].max() <= 1
    assert changed[20:50, 60:80].max() > 1


def test_a_region_has_the_moments_of_its_style_and_the_rest_the_photographs_features(method, rng):
    source = smooth_batch().source
    contents = method.encoded(source)
    left, right = np.zeros((2, 32, 32), np.float32)
    left[:, :12], right[:, 20:] = 1, 1
    asked = Request(style_images=styles(rng, 1.0, 3.0), masks={"1": left, "2": right})
    styles_seen = [method.encoded(pixels[None]) for pixels, _ in asked.style_images]
    for level, found in enumerate(method.styled(contents, source, asked)):
        cells = found.shape[2] * 12 // 32
        for number, columns in enumerate((slice(None, cells), slice(-cells, None))):
            style = moments(styles_seen[number][level])
            for one, other in zip(moments(found[:, :, columns]), style, strict=True):
                np.testing.assert_allclose(one, np.repeat(other, 2, 0), rtol=2e-2, atol=2e-3)
        rest = slice(cells, -cells)
        np.testing.assert_allclose(found[:, :, rest], contents[level][:, :, rest], atol=1e-5)


def test_where_regions_overlap_the_weights_decide():
    regions = tf.constant([[[[1.0, 0.0], [1.0, 1.0], [0.0, 0.5], [0.0, 0.0]]]])
    shares = shared_out(regions, tf.constant([0.25, 0.75]))
    np.testing.assert_allclose(shares[0, 0], [[1, 0], [0.25, 0.75], [0, 0.5], [0, 0]], atol=1e-5)


def test_masks_work_in_both_precisions_and_frozen_features_are_the_same(tmp_path, rng):
    asked = Request(style_images=styles(rng, 1.0), masks={"1": np.pad(np.ones((20, 20), np.float32), 6)})
    source, found = smooth_batch().source, {}
    try:
        for policy in ("float32", "mixed_bfloat16"):
            keras.mixed_precision.set_global_policy(policy)
            one = method_of("adain", tmp_path, "method.ema_decay=0")
            assert np.isfinite(np.asarray(one.translate(source, asked), np.float32)).all()
            found[policy] = one.encoder(source)[one.encoder.deepest].numpy()
    finally:
        keras.mixed_precision.set_global_policy("float32")
    np.testing.assert_array_equal(found["float32"], found["mixed_bfloat16"])


def test_layers_may_be_named_in_any_order():
    class Upside(RandomEncoder):
        def __call__(self, images):
            return dict(reversed(super().__call__(images).items()))

    encoder = Encoder(lambda: Upside(levels=3, filters=4))
    assert (encoder.deepest, encoder.halvings[encoder.deepest]) == ("layer3", 2)
    assert list(encoder(tf.zeros((1, 16, 16, 3)))) == ["layer1", "layer2", "layer3"]


def test_colours_can_be_kept(method, rng):
    source = smooth_batch().source.numpy()
    asked = Request(style_images=styles(rng, 1.0))
    plain, kept = (
        np.asarray(method.translate(source, replace(asked, keep_colour=keep))) for keep in (None, True)
    )
    assert np.abs(plain - kept).mean() > 1e-3
    # The style picture takes over the photograph's palette, not the other way round.
    seen = []
    method.encoder = lambda pictures, encode=method.encoder: (
        seen.append(np.asarray(pictures)) or encode(pictures)
    )
    method.styled(method.encoded(source[:1]), source[:1], replace(asked, keep_colour=True))
    del seen[0]
    palettes = [
        (pixels[0].mean((0, 1)), np.cov(pixels[0].reshape(-1, 3).T)) for pixels in (seen[0], source[:1])
    ]
    for one, other in zip(*palettes, strict=True):
        np.testing.assert_allclose(one, other, atol=0.02)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"style_images": None}, "name one, or several, with --style-image"),
        ({"style_images": ((np.zeros((9, 9, 3), np.float32), -1.0),)}, "weights must not be negative"),
        ({"style_images": ((np.zeros((9, 9, 3), np.float32), 0.0),)}, "one must be above 0"),
        ({"masks": {"left": np.ones((32, 32))}}, "mask 'left': expected the number of a style image, 1 to 1"),
        ({"styles": {"a": 1.0}}, "does not understand 'styles'"),
    ],
)
def test_requests_that_make_no_sense_are_refused(method, asked, expected):
    with pytest.raises(UserError, match=expected):
        method.translate(smooth_batch().source, replace(plain_request(method), **asked))


def test_style_images_on_the_command_line(tmp_path):
    Image.fromarray(np.full((4, 5, 3), 255, np.uint8)).save(tmp_path / "a=2.png")
    path = tmp_path / "a=2.png"
    (pixels, weight), (_, second) = style_images([str(path), f"{path}=0.25"])
    assert (pixels.shape, pixels.max(), weight, second) == ((4, 5, 3), 1.0, 1.0, 0.25)
    assert style_images([]) is None
    for text, expected in (
        (f"{path}=much", "'much' is no weight"),
        (str(tmp_path / "none.png"), "there is no such file"),
    ):
        with pytest.raises(UserError, match=expected):
            style_images([text])
    (tmp_path / "broken.png").write_bytes(b"none")
    with pytest.raises(UserError, match=r"broken\.png: not a picture"):
        style_images([str(tmp_path / "broken.png")])


def test_style_pictures_come_at_the_working_size(rng):
    large = rng.uniform(-1, 1, (300, 150, 3)).astype(np.float32), 2.0
    narrow = rng.uniform(-1, 1, (100, 4, 3)).astype(np.float32), 1.0
    (first, weight), (second, _) = painting.at_working_size((large, narrow), 200)
    assert (first.shape, weight, second.shape) == ((200, 100, 3), 2.0, (100, 64, 3))


def test_losses_through_other_features_are_as_adain_makes_them_of_what_those_see(tmp_path):
    """The encoder's features are decoded; the losses know only the other bank."""
    critic = "{kind: random_encoder, levels: 3, filters: 4, seed: 5}"
    one, batch = method_of("adain", tmp_path, f"method.loss_features={critic}"), smooth_batch()
    encoded = one.encoder(tf.concat([batch.source, batch.target], 0))[one.encoder.deepest]
    count = batch.source.shape[0]
    fake = one.decoder([adain(encoded[:count], moments(encoded[count:]))])
    bank = Encoder(lambda: RandomEncoder(levels=3, filters=4, seed=5))
    seen, content, style = bank(fake), bank(batch.source), bank(batch.target)
    wanted = adain(content["layer3"], moments(style["layer3"]))
    terms = one.terms(batch.source, batch.target)
    assert float(terms["content"]) == pytest.approx(
        float(tf.reduce_mean((seen["layer3"] - wanted) ** 2)), rel=1e-4
    )
    assert float(terms["statistics"]) == pytest.approx(float(statistics_distance(seen, style)), rel=1e-4)
    assert len(one.trained_with()) == 2


def test_it_paints_where_what_the_losses_saw_through_is_absent(tmp_path, rng):
    absent = "{kind: vgg19_normalised, weights: nowhere.npz}"
    one = method_of("adain", tmp_path, f"method.loss_features={absent}", "method.decoder_filters=6")
    one.translate(smooth_batch().source, Request(style_images=styles(rng, 1.0)))
    with pytest.raises(UserError, match=r"nowhere\.npz"):
        one.prepare()
