"""Keys of version 0.1 and what they are called now: a renamed key is refused with its new name."""

from collections.abc import Iterator, Sequence

from gan_style.config.located import Located
from gan_style.config.model import Config, has_free_keys, keys_at

# By the key alone, or by the key below another where one word stood for several things.
RENAMED = {
    "objective": "method",
    "average": "ema_decay",
    "warm_up": "identity_warmup",
    "way_back": "identity_finetune",
    "underpainting": "generator_input",
    "grounds": "style_inputs",
    "squint": "input_blur",
    "lines": "edge_lines",
    "grains": "stroke_widths",
    "rehearsal": "target_reconstruction",
    "likeness": "l1 (of pix2pix) or mse (of deconvnet)",
    "feature": "content",
    "contrast": "nce",
    "identity_contrast": "identity_nce",
    "encoder_layers": "nce_layers",
    "patches": "num_patches",
    "head_width": "projection_width",
    "head_initial": "projection_init",
    "adversarial": "gan_loss",
    "pool": "pool_size",
    "verdicts": "discriminator_weights",
    "smoothed": "edge_smoothed",
    "recognition": "style_classification",
    "weights.balance": "map_balance",
    "balance": "balance_layers",
    "decision": "map_entropy",
    "smoothness": "map_smoothness",
    "toned": "colour_transfer",
    "recolouring": "preserve_colour",
    "start": "initial_image",
    "variation": "total_variation",
    "constant": "decay_start",
    "colour_path": "input_skip",
    "decoder": "upsampling",
    "decoder_kernel": "upsampling_kernel",
    "noise": "noise_channels",
    "initial": "init",
    "method.augment": "diffaugment",
    "cuts": "photo_crops",
    "sheet_every": "validate_every",
    "keep": "keep_checkpoints",
    "margin": "reflect_pad",
    "judge": "backbone",
    "evaluation.originals": "data.originals",
}


def renamed(located: Located, model: type[Config], path: Sequence[str] = ()) -> Iterator[str]:
    """One message for each key of the old name, at its line. `path` is in new names."""
    if not isinstance(located.value, dict):
        return
    known, parent = keys_at(model, path), path[-1] if path else ""
    free = has_free_keys(model, path)
    for key, child in located.value.items():
        name = key
        new = RENAMED.get(f"{parent}.{key}", RENAMED.get(key))
        # Keys that say nothing are passed over: runs wrote all of them into their config.
        if new and not free and key not in known and child.value is not None:
            yield f"{child.origin}: {'.'.join((*path, key))}: this key is now called '{new}'"
            name = new
        yield from renamed(child, model, (*path, name))
