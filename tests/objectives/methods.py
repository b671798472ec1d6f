"""Every method at a size that trains in seconds, as YAML."""

SMALL_RESNET = "{kind: resnet, filters: 4, blocks: 1, kernel: 3, colour_path: residual}"
SMALL_CUT = "{kind: resnet, filters: 4, blocks: 1, kernel: 3, antialias: true, decoder: bilinear, initial: xavier, colour_path: residual}"
SMALL_PATCHGAN = "{kind: patchgan, filters: 4, depth: 1}"
FAST = "{learning_rate: 2e-3}"
COMMON = f"discriminator: {SMALL_PATCHGAN}, warm_up: 2, way_back: 0.34, average: 0.9, generator_optimizer: {FAST}"

CARTOON_WEIGHTS = "{adversarial: 1, content: 0, structure: 1, total_variation: 1}"

METHODS = {
    "gan": f"{{kind: gan, generator: {SMALL_RESNET}, {COMMON}}}",
    "pix2pix": f"{{kind: pix2pix, generator: {{kind: unet, filters: 4, depth: 4, colour_path: residual}}, {COMMON}}}",
    "cyclegan": f"{{kind: cyclegan, generator: {SMALL_RESNET}, pool: 3, {COMMON}}}",
    "cut": f"{{kind: cut, generator: {SMALL_CUT}, encoder_layers: [picture, down1, block1], patches: 16, head_width: 32, {COMMON}}}",
    "cartoon": f"{{kind: cartoon, generator: {SMALL_RESNET}, weights: {CARTOON_WEIGHTS}, {COMMON}}}",
    "multistyle": f"{{kind: multistyle, generator: {SMALL_RESNET}, attention_filters: 4, {COMMON}}}",
    "fastcut": f"{{kind: fastcut, generator: {SMALL_CUT}, encoder_layers: [down2, block1], patches: 16, head_width: 32, {COMMON}}}",
}
PAIRED = {"pix2pix"}
# These have no networks, players or ways back that the checks for the others could look at: test_canvas.py has their own.
ONE_PICTURE = {"gatys", "inversion"}

RECIPE = """
data: {{{data}, crop: 32, batch: 2}}
objective: {objective}
train: {{steps: 6, threads: 2, precision: float32}}
output: {{log_every: 1, sheet_every: 3, checkpoint_every: 2}}
wandb: {{mode: disabled}}
"""


def recipe(method: str, source: object, target: object) -> str:
    data = f"kind: folders, source: {source}, target: {target}, pairing: {'paired' if method in PAIRED else 'unpaired'}"
    if method == "multistyle":
        data = f"kind: gallery, source: {source}, styles: {{a: {target}, b: {source}}}"
    return RECIPE.format(data=data, objective=METHODS[method])
