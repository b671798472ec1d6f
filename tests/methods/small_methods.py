"""Every method at a size that trains in seconds, as YAML."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.training import checkpoints
from gan_style.training.build import build_method

SMALL_RESNET = "{kind: resnet, filters: 4, blocks: 1, kernel: 3, input_skip: residual}"
SMALL_UNET = "{kind: unet, filters: 4, depth: 4, input_skip: residual}"
SMALL_CUT = (
    "{kind: resnet, filters: 4, blocks: 1, kernel: 3, antialias: true, upsampling: bilinear, init: xavier, "
    "input_skip: residual}"
)
SMALL_ENCODER = "{kind: random_encoder, levels: 2, filters: 8}"
SMALL_BANK = "{kind: random_pyramid, levels: 2, kernels: [3, 5], filters: 4}"
SMALL_PATCHGAN = "{kind: patchgan, filters: 4, depth: 1}"
FAST = "{learning_rate: 2e-3}"
PHASES = f"identity_warmup: 2, identity_finetune: 0.34, ema_decay: 0.9, generator_optimizer: {FAST}"
COMMON = f"discriminator: {SMALL_PATCHGAN}, {PHASES}"

PATCHES = "num_patches: 16, projection_width: 32"
CARTOON_WEIGHTS = "{adversarial: 1, content: 0, structure: 1, total_variation: 1}"

SMALL = {
    "gan": f"{{kind: gan, generator: {SMALL_RESNET}, {COMMON}}}",
    "pix2pix": f"{{kind: pix2pix, generator: {SMALL_UNET}, {COMMON}}}",
    "cyclegan": f"{{kind: cyclegan, generator: {SMALL_RESNET}, pool_size: 3, {COMMON}}}",
    "cut": (
        f"{{kind: cut, generator: {SMALL_CUT}, nce_layers: [picture, down1, block1], {PATCHES}, {COMMON}}}"
    ),
    "cartoon": (
        f"{{kind: cartoon, generator: {SMALL_RESNET}, weights: {CARTOON_WEIGHTS}, "
        f"style_features: {SMALL_BANK}, {COMMON}}}"
    ),
    "multistyle": f"{{kind: multistyle, generator: {SMALL_RESNET}, attention_filters: 4, {COMMON}}}",
    "fastcut": f"{{kind: fastcut, generator: {SMALL_CUT}, nce_layers: [down2, block1], {PATCHES}, {COMMON}}}",
    "feedforward": f"{{kind: feedforward, generator: {SMALL_RESNET}, {PHASES}}}",
    "deconvnet": f"{{kind: deconvnet, generator: {SMALL_RESNET}, {PHASES}}}",
    "adain": (
        f"{{kind: adain, encoder: {SMALL_ENCODER}, weights: {{reconstruction: 1}}, ema_decay: 0.9, "
        f"optimizer: {FAST}}}"
    ),
    "feature_distillation": (
        f"{{kind: feature_distillation, teacher: {SMALL_ENCODER}, filters: [4, 6], components: [4, 4], "
        f"optimizer: {FAST}}}"
    ),
    "compression": (
        f"{{kind: compression, teacher: TEACHER, generator: {SMALL_RESNET.replace('4', '2')}, "
        f"frozen_features: {SMALL_BANK}, {PHASES}}}"
    ),
    "inverse_decoder": f"{{kind: inverse_decoder, encoder: {SMALL_ENCODER}, optimizer: {FAST}}}",
}
PAIRED = {"pix2pix"}
# A frozen encoder, and its decoder or its student: no generator, no identity phases.
DECODERS = {"adain", "inverse_decoder", "feature_distillation"}
WITH_GENERATOR = [method for method in SMALL if method not in DECODERS]
ALONE = ("feedforward", "deconvnet", "compression")
# These have a discriminator.
ADVERSARIAL = [method for method in WITH_GENERATOR if method not in ALONE]
# No network, and nothing to learn from a batch: test_gatys.py and test_inversion.py have their own checks.
ONE_PICTURE = {
    "gatys": f"{{kind: gatys, features: {SMALL_BANK}, weights: {{structure: 1}}, balance_layers: false}}",
    "inversion": f"{{kind: inversion, features: {SMALL_BANK}, layer: level0}}",
}

RECIPE = """
data: {{{data}}}
method: {method}
train: {{steps: 6, threads: 2, precision: float32}}
output: {{log_every: 1, validate_every: 3, checkpoint_every: 2}}
wandb: {{mode: disabled}}
"""


def recipe(method: str, source: object, target: object) -> str:
    """Of a method that learns from folders, or that works on one picture in the style of another."""
    if method in ONE_PICTURE:
        styles = f", styles: {{a: {target}}}" if method == "gatys" else ""
        return RECIPE.format(
            data=f"kind: fixed, content: {source}, size: 32{styles}", method=ONE_PICTURE[method]
        )
    pairing = "paired" if method in PAIRED else "unpaired"
    data = f"kind: folders, source: {source}, target: {target}, pairing: {pairing}"
    if method == "multistyle":
        data = f"kind: gallery, source: {source}, styles: {{a: {target}, b: {source}}}"
    written = SMALL[method]
    if "TEACHER" in written:
        written = written.replace("TEACHER", str(small_teacher()))
    return RECIPE.format(data=f"{data}, crop: 32, batch: 2", method=written)


TEACHERS = TemporaryDirectory(prefix="gan_style_teachers")  # for as long as the tests run


@cache
def small_teacher(kind: str = "gan") -> Path:
    """A run folder of one of these methods, whose networks are as they began."""
    folder = Path(TEACHERS.name) / kind
    folder.mkdir()
    (folder / "config.yaml").write_text(recipe(kind, "a", "b"))
    method = build_method(load(folder / "config.yaml", Experiment).config, seed=7)
    told = {"seconds": 0, "figures": {}, "config": {}, "identity": {"threads": 2}}
    checkpoints.save(method, folder / "checkpoints", 6, **told)
    return folder
