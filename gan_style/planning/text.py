"""The recipe that `gan-style new` writes, with a comment for each choice."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from gan_style.planning.pictures import Sizes

TEMPLATE = Path(__file__).with_name("recipe.yaml")
IDENTITY_SHARE = 0.1  # of the steps


@dataclass(frozen=True)
class Plan:
    name: str
    source: str
    target: str
    pictures: Sequence[str]  # a line about each domain
    sizes: Sizes
    batch: int
    hold_out_targets: bool = True
    steps: int = 1000
    validate_every: int = 500
    checkpoint_every: int = 250
    expected: str = ""


def text(plan: Plan) -> str:
    """YAML. Paths are quoted as JSON, which YAML reads as it is meant whatever they hold."""
    return Template(TEMPLATE.read_text()).substitute(
        name=plan.name,
        expected=plan.expected,
        source=json.dumps(plan.source),
        target=json.dumps(plan.target),
        photographs=plan.pictures[0],
        paintings=plan.pictures[1],
        short_side=plan.sizes.short_side or "null",
        crop=plan.sizes.crop,
        batch=plan.batch,
        hold_out_targets=json.dumps(plan.hold_out_targets),
        identity_share=IDENTITY_SHARE,
        steps=plan.steps,
        validate_every=plan.validate_every,
        checkpoint_every=plan.checkpoint_every,
    )
