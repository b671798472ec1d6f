"""Methods by kind. A new one is a file here and a line below."""

from gan_style.objectives.gan import Gan, GanConfig
from gan_style.objectives.objective import Objective, Request

OBJECTIVES: dict[str, type] = {"gan": Gan}
ObjectiveConfig = GanConfig

__all__ = ["OBJECTIVES", "Objective", "ObjectiveConfig", "Request"]
