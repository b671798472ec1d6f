"""Methods by kind. A new one is a file here, and a line in each of the two lists below."""

from typing import Annotated, Any

from pydantic import Field

from gan_style.objectives.adain import AdaIn, AdaInConfig
from gan_style.objectives.cartoon import Cartoon, CartoonConfig
from gan_style.objectives.cut import Cut, CutConfig, FastCutConfig
from gan_style.objectives.cyclegan import CycleGan, CycleGanConfig
from gan_style.objectives.deconvnet import DeconvNet, DeconvNetConfig
from gan_style.objectives.feedforward import FeedForward, FeedForwardConfig
from gan_style.objectives.gan import Gan, GanConfig
from gan_style.objectives.gatys import Gatys, GatysConfig
from gan_style.objectives.inverse_decoder import InverseDecoder, InverseDecoderConfig
from gan_style.objectives.inversion import Inversion, InversionConfig
from gan_style.objectives.multistyle import MultiStyle, MultiStyleConfig
from gan_style.objectives.objective import Objective, Request, Setting, Subject
from gan_style.objectives.pix2pix import Pix2Pix, Pix2PixConfig

OBJECTIVES: dict[str, Any] = {
    "gan": Gan,
    "pix2pix": Pix2Pix,
    "cyclegan": CycleGan,
    "cut": Cut,
    "fastcut": Cut,
    "cartoon": Cartoon,
    "multistyle": MultiStyle,
    "feedforward": FeedForward,
    "adain": AdaIn,
    "deconvnet": DeconvNet,
    "inverse_decoder": InverseDecoder,
    "gatys": Gatys,
    "inversion": Inversion,
}
ObjectiveConfig = Annotated[
    GanConfig
    | Pix2PixConfig
    | CycleGanConfig
    | CutConfig
    | FastCutConfig
    | CartoonConfig
    | MultiStyleConfig
    | FeedForwardConfig
    | AdaInConfig
    | DeconvNetConfig
    | InverseDecoderConfig
    | GatysConfig
    | InversionConfig,
    Field(discriminator="kind"),
]

__all__ = ["OBJECTIVES", "Objective", "ObjectiveConfig", "Request", "Setting", "Subject"]
