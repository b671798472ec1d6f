"""What a painter can be exported as. The command line reads this at its start: nothing else is imported."""

from typing import Literal

Format = Literal["onnx", "litert", "keras", "saved-model", "page"]
Numbers = Literal["float32", "float16", "int8"]  # of LiteRT's weights
