"""Upper bounds of numbers that say why: what is beyond them would only hang, or fill the memory."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import core_schema


@dataclass(frozen=True)
class AtMost:
    """The last in `Annotated[int, Field(...), AtMost(100, "blocks: each is built by itself")]`."""

    limit: float
    why: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "maximum": self.limit}

    def check(self, value: Any) -> Any:
        if value is not None and value > self.limit:
            raise ValueError(f"at most {self.limit:,} {self.why}; found {value:,}")
        return value


MOST_FILTERS = AtMost(4096, "filters: a layer of more would fill the memory by itself")
