"""What a training is watched for, by the names that `train.stop_on` and summary.json use."""

from typing import Literal

AlarmName = Literal[
    "saturated",
    "constant",
    "copies_input",
    "hidden_code",
    "inverted",
    "colour_cast",
    "checkerboard",
    "border",
    "discriminator_won",
    "discriminator_asleep",
    "spikes",
    "drifting_gradient",
    "ema_apart",
]

# Which key to change.
ADVICE: dict[AlarmName, str] = {
    "saturated": "lower the generator_optimizer's learning_rate, or the weight of the largest term",
    "constant": "give colour, content or cycle more weight beside the adversarial term",
    "copies_input": "give style or adversarial more weight, or more generator_input.input_blur",
    "hidden_code": "give cycle less weight, or add an identity term",
    "inverted": "give colour or content more weight, or set generator.input_skip: residual",
    "colour_cast": "give colour more weight, or set diffaugment: [colour]",
    "checkerboard": "set generator.upsampling: bilinear, or an upsampling_kernel of 4",
    "border": "set sample.reflect_pad: 16",
    "discriminator_won": "lower the discriminator_optimizer's learning_rate, or set diffaugment",
    "discriminator_asleep": "raise the discriminator_optimizer's learning_rate",
    "spikes": "set gram: normalised and clip_norm: auto, or lower the term's weight",
    "drifting_gradient": "lower the learning_rate of that player",
    "ema_apart": "lower ema_decay, or the generator_optimizer's learning_rate",
}

# `train.stop_on: [collapsed]` means any of these: nothing is learned from there on.
COLLAPSED: tuple[AlarmName, ...] = ("saturated", "constant")
StopOn = AlarmName | Literal["collapsed"]


def stopping(stop_on: tuple[StopOn, ...]) -> frozenset[str]:
    """The alarms that end a run."""
    return frozenset(stop_on) - {"collapsed"} | (set(COLLAPSED) if "collapsed" in stop_on else set())
