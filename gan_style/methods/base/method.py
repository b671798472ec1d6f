"""What the loop, the checkpoints, sampling and evaluation know of a method."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.bounds import AtMost
from gan_style.config.model import Config
from gan_style.data.kind import DataKind
from gan_style.data.subject import Subject
from gan_style.features import FeatureBank
from gan_style.methods.base.encoder import Encoder
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.tiling import Tiling
from gan_style.networks import recompute
from gan_style.networks.network import goes_in_parts
from gan_style.optim.balance import AUTO
from gan_style.optim.player import Player, Terms
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

# Optimizers square gradients, and float32 ends at 3e38.
FINITE = AtMost(10**12, "for a weight: squares of gradients must stay below the end of float32")
Weight = Annotated[float, Field(ge=0), FINITE]
PositiveWeight = Annotated[float, Field(gt=0), FINITE]


# auto: as strong at the first gradients as the strongest of the terms with numbers.
AnyWeight = Weight | Literal["auto"]


class TermWeights(Config):
    """What each loss term counts, under the term's name; a term of weight 0 is not computed."""

    def automatic(self) -> list[str]:
        return [name for name, weight in self if weight == AUTO]


JUDGES = ("discriminator", "heads")  # how the names of networks end that only the losses need

Metrics = dict[str, Terms]  # by player, or by network where one player moves several
Step = Callable[[Any], Metrics]


@dataclass(frozen=True)
class Setting:
    """What a method has to know of its run."""

    crop: int  # pixels
    steps: int
    seed: int
    styles: tuple[str, ...] = ()  # by name, where there are several
    subject: Subject | None = None  # where there is only one picture
    teacher: "Method | None" = None  # a trained one, where the recipe names one and there is more to learn


class Method(ABC):
    """Networks and players, the order in which they are updated, and how pictures are translated.

    Everything that shapes training lives in variables of `networks`, `players`, `copies` (networks that
    follow a trained one, as `ema/generator`) and `memory` (image pools, random generators): so a checkpoint
    is complete. `features` are the frozen ones that the losses look through.
    """

    understands: ClassVar[frozenset[str]] = frozenset()  # of what a request may ask
    directions: ClassVar[tuple[str, ...]] = ()
    styles: tuple[str, ...] = ()  # that a request may name

    def __init__(
        self,
        setting: Setting,
        *,
        networks: Mapping[str, keras.Model],
        players: Sequence[Player],
        copies: Mapping[str, keras.Model] | None = None,
        memory: Mapping[str, Sequence[Any]] | None = None,
        features: Sequence[FrozenFeatures | Encoder] = (),
        style_loss: StyleLoss | None = None,
        identity: IdentityPhases | None = None,
    ) -> None:
        self.setting, self.crop, self.identity = setting, setting.crop, identity
        self.features = list(features)
        # Without a weight its features are not among them, and it is not computed.
        self.style_loss = style_loss if style_loss and style_loss.features in self.features else None
        self.networks, self.memory = dict(networks), dict(memory or {})
        self.players = [*players, *(identity.players if identity else ())]
        self.copies = {**(identity.copies() if identity else {}), **(copies or {})}

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        """Raise a ValueError that says why this method cannot learn from these pictures."""
        cls.needs_many_pictures(data)
        if data.style_names():
            raise ValueError(f"data.kind: this method learns one style, '{data.kind}' has several")

    @staticmethod
    def needs_many_pictures(data: DataKind) -> None:
        if data.one_picture:
            raise ValueError(f"data.kind: this method learns from many pictures, '{data.kind}' has only one")

    @abstractmethod
    def step(self, batch: Any) -> Metrics:
        """One training step, as the paper's algorithm has it."""

    @abstractmethod
    def translate(self, images: Tensor, request: Request) -> Tensor:
        """Photographs (N, H, W, 3) in [-1, 1] to pictures of the same size."""

    def tiling(self) -> Tiling | None:
        """How pictures of any size are painted in tiles, where the method can."""
        return None

    def survey(self, images: Tensor, request: Request) -> None:
        """Sum over all tiles, before they are painted, what `summed_over_tiles` is to know of the picture."""
        raise NotImplementedError

    def step_at(self, step: int) -> Step:
        """The update for this step. The same function object as long as the update is the same."""
        return self.identity.step_at(step, self.step) if self.identity else self.step

    def phases(self, steps: int) -> dict[str, int]:
        """How many of the steps are of which kind, in their order."""
        return self.identity.phases(steps) if self.identity else {"step": steps}

    def painting(self) -> dict[str, keras.Model]:
        """The networks that pictures are painted with: the EMA of a trained one, where there is one."""
        trained = {name: one for name, one in self.networks.items() if not name.endswith(JUDGES)}
        return {name: self.copies.get(f"ema/{name}", network) for name, network in trained.items()}

    def prepare(self) -> None:
        """Build what training alone needs, so that a mistake in it shows before the first step."""
        for features in self.features:
            features(ops.zeros((1, self.crop, self.crop, 3)))
        if self.style_loss:
            self.memory["style_scale"] = self.style_loss.prepare(self.crop)

    def spare_memory(self, parts: int, segments: bool) -> None:
        """Say what networks keep for the gradient from now on: see `recompute.Plan`."""
        for name, network in self.networks.items():
            if parts > 1 and not goes_in_parts(network):
                reason = f"batch norm of the {name} needs all pictures at once"
                raise UserError(f"train.accumulate: {reason}; give it norm: instance, or use train.recompute")
        recompute.use(recompute.Plan(parts, segments))

    def measure(self, batches: Iterable[Any]) -> None:
        """Before the first step: what it has to know of the training pictures as a whole."""
        if self.style_loss and self.style_loss.scale:
            self.style_loss.measure(batch.target for batch in batches)

    def trained_with(self) -> list[FeatureBank]:
        """Frozen features that this recipe's losses look through: they must not measure it."""
        return [features.bank for features in self.features]

    def training_state(self) -> dict[str, Sequence[Any]]:
        return {f"{player.name}_optimizer": player.state() for player in self.players} | self.memory

    def learning_rates(self) -> dict[str, float]:
        """`learning_rate/PLAYER` at this moment, for the log."""
        return {f"learning_rate/{player.name}": player.learning_rate() for player in self.players}

    def findings(self) -> dict[str, Any]:
        """What the run's summary is to say of choices that the method made by itself."""
        weights = {player.name: player.balance.told() for player in self.players if player.balance.weights}
        return {"auto_weights": weights} if weights else {}

    def reconstructs(self) -> bool:
        """Whether it gives the photograph back, as features remember it: there is no style to reach."""
        return False

    def is_finished(self, picture: np.ndarray) -> bool:
        """Whether this picture (H, W, 3) is the run's own: as it is, it is done already."""
        subject = self.setting.subject
        return subject is not None and np.array_equal(picture, subject.content)

    def default_request(self, seed: int, style: str = "", style_image: np.ndarray | None = None) -> Request:
        """Where nobody asks for anything: of a seed, a style's name and a style image, what is understood."""
        return Request(
            seed=seed if "seed" in self.understands else None,
            styles={style: 1.0} if style in self.styles else None,
        )

    def inverse_request(self) -> Request | None:
        """What leads from a fake back to its photograph, where the method learned that."""
        return None

    def check_request(self, request: Request) -> None:
        for asked in fields(request):
            if asked.name in ("tile", "moved", "maps", "painting"):  # no wishes of anybody's
                continue
            if getattr(request, asked.name) is not None and asked.name not in self.understands:
                known = ", ".join(sorted(self.understands)) or "nothing but the picture"
                raise UserError(f"this method does not understand '{asked.name}'; it understands: {known}")
        if request.direction is not None and request.direction not in self.directions:
            raise UserError(f"direction '{request.direction}': known here: {', '.join(self.directions)}")
        if request.strength is not None and self.identity:
            self.identity.check_learned()
