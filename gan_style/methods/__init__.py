"""Methods by kind: what the YAML may say of each, and the class. A new one is a file, and a line below."""

from typing import Any

from gan_style.config.model import Config
from gan_style.methods.adain import AdaIn, AdaInConfig
from gan_style.methods.base.method import Method, Setting
from gan_style.methods.base.request import Request
from gan_style.methods.cartoon import Cartoon, CartoonConfig
from gan_style.methods.compression import Compression, CompressionConfig
from gan_style.methods.cut import Cut, CutConfig, FastCutConfig
from gan_style.methods.cyclegan import CycleGan, CycleGanConfig
from gan_style.methods.deconvnet import DeconvNet, DeconvNetConfig
from gan_style.methods.feature_distillation import FeatureDistillation, FeatureDistillationConfig
from gan_style.methods.feedforward import FeedForward, FeedForwardConfig
from gan_style.methods.gan import Gan, GanConfig
from gan_style.methods.gatys import Gatys, GatysConfig
from gan_style.methods.inverse_decoder import InverseDecoder, InverseDecoderConfig
from gan_style.methods.inversion import Inversion, InversionConfig
from gan_style.methods.multistyle import MultiStyle, MultiStyleConfig
from gan_style.methods.pix2pix import Pix2Pix, Pix2PixConfig

METHODS: dict[str, tuple[type[Config], Any]] = {
    "gan": (GanConfig, Gan),
    "pix2pix": (Pix2PixConfig, Pix2Pix),
    "cyclegan": (CycleGanConfig, CycleGan),
    "cut": (CutConfig, Cut),
    "fastcut": (FastCutConfig, Cut),
    "cartoon": (CartoonConfig, Cartoon),
    "multistyle": (MultiStyleConfig, MultiStyle),
    "feedforward": (FeedForwardConfig, FeedForward),
    "adain": (AdaInConfig, AdaIn),
    "deconvnet": (DeconvNetConfig, DeconvNet),
    "inverse_decoder": (InverseDecoderConfig, InverseDecoder),
    "feature_distillation": (FeatureDistillationConfig, FeatureDistillation),
    "compression": (CompressionConfig, Compression),
    "gatys": (GatysConfig, Gatys),
    "inversion": (InversionConfig, Inversion),
}

__all__ = ["METHODS", "Method", "Request", "Setting"]
