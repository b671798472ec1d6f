"""PyTorch's weight files (.pth, .pt), both formats, read without PyTorch and without running what they hold.

zip     since 1.6   NAME/data.pkl: the pickle; NAME/data/KEY: raw storages; NAME/byteorder
legacy  before      pickles one after another: magic number, protocol, system, what was saved, keys of
                    storages; then for each key an int64 count and raw little-endian values
"""

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.exchange.pytorch import pickled
from gan_style.exchange.pytorch.pickled import Refused
from gan_style.system.errors import UserError

MAGIC = 0x1950A86A20F9469CFC6C
MOST_AXES = 32
BFLOAT16 = "BFloat16Storage"
TYPES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    BFLOAT16: "u2",  # NumPy has no such numbers: the upper halves of float32's
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


@dataclass(frozen=True)
class Storage:
    """Values one after another in the file; several tensors may look at them."""

    key: str
    kind: str
    count: int
    start: int  # where, in values, a view of it begins


@dataclass(frozen=True)
class Tensor:
    """A look at a storage: offset and strides in values."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass
class Saved:
    """What was saved, with tensors that still look at nothing, and the storages they mean."""

    storages: dict[str, Storage] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    content: Any = None

    def resolve(self, identity: Any) -> Storage:
        """A persistent id: ('storage', type, key, device, count), and in the legacy format what part."""
        tag, kind, key, _, count, *view = identity
        start = view[0][1] if view and view[0] else 0
        # Types first: to hash, compare or print anything else may take for ever.
        typed = isinstance(key, str) and isinstance(kind, str) and are_whole(count, start)
        if tag != "storage" or not typed:
            raise ValueError("a storage is not described as PyTorch does")
        storage = Storage(key, kind, count, start)
        first = self.storages.setdefault(key, storage)
        if (first.kind, first.count) != (kind, count):
            raise ValueError(f"storage {key} is described in two ways")
        return storage

    def load(self, file: io.BytesIO) -> Any:
        return pickled.load(file, KNOWN, self.resolve)

    def keep(self, key: str, raw: bytes, order: str = "<") -> None:
        storage = self.storages[key]
        stored = np.dtype(order + TYPES[storage.kind])
        if len(raw) != (expected := storage.count * stored.itemsize):
            raise ValueError(f"storage {key} holds {len(raw)} bytes, {expected} were expected")
        values = np.frombuffer(raw, stored).astype(stored.newbyteorder("="), copy=False)
        if storage.kind == BFLOAT16:
            values = (values.astype(np.uint32) << 16).view(np.float32)
        self.values[key] = values


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Weights by name, in the order of the file; views of what was read, not to be written to."""
    data = path.read_bytes()
    try:
        saved = read_zip(data) if data.startswith(b"PK\x03\x04") else read_legacy(data)
        tensors = state_dict(saved.content)
        return {name: look(tensor, saved.values[tensor.storage.key]) for name, tensor in tensors.items()}
    except Refused as problem:
        raise UserError(f"{path}: {shown(problem)}") from None
    except Exception as problem:
        # A file made with malice can stumble anywhere, and in any way.
        raise UserError(f"{path}: damaged or cut off ({type(problem).__name__}: {shown(problem)})") from None


def shown(problem: Exception) -> str:
    """A message that may quote the file, on one short line and without what a terminal would obey."""
    return "".join(filter(str.isprintable, str(problem)))[:300]


def read_zip(data: bytes) -> Saved:
    saved = Saved()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part.filename: part.file_size for part in archive.infolist()}
        if sum(part.file_size for part in archive.infolist()) > len(data):
            raise Refused("holds compressed or overlapping parts, which PyTorch does not write; refused")
        pickles = [name for name in parts if name.endswith("/data.pkl") and name.count("/") == 1]
        roots = [name.removesuffix("data.pkl") for name in pickles]
        if len(roots) != 1:
            raise Refused("is a zip file, but none of PyTorch's (it holds no data.pkl)")
        (root,) = roots
        order = ">" if f"{root}byteorder" in parts and archive.read(f"{root}byteorder") == b"big" else "<"
        saved.content = saved.load(io.BytesIO(archive.read(f"{root}data.pkl")))
        for key in saved.storages:
            saved.keep(key, archive.read(f"{root}data/{key}"), order)
    return saved


def read_legacy(data: bytes) -> Saved:
    saved, file = Saved(), io.BytesIO(data)
    try:
        magic = saved.load(file)
    except Refused:
        raise
    except Exception:
        magic = None
    if magic != MAGIC:
        raise Refused("is no weights file of PyTorch's, neither of the zip format nor of the one before")
    _protocol, _system, saved.content, keys = (saved.load(file) for _ in range(4))
    if set(map(type, keys)) - {str} or set(keys) != set(saved.storages):
        raise ValueError("its list of storages is not that of its tensors")
    for key in keys:
        count = int.from_bytes(file.read(8), "little", signed=True)
        if count != saved.storages[key].count:
            raise ValueError(f"storage {key} has {count} values, {saved.storages[key].count} were expected")
        saved.keep(key, file.read(count * np.dtype(TYPES[saved.storages[key].kind]).itemsize))
    return saved


def state_dict(content: Any) -> dict[str, Tensor]:
    """The tensors by name, from within any `state_dict` entry and without any prefix of DataParallel's."""
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    entries = content if isinstance(content, dict) else {}
    if not any(isinstance(value, Tensor) for value in entries.values()):
        held = ", ".join(map(str, list(entries)[:5])) or type(content).__name__
        raise Refused(f"holds no weights by name; what it holds: {held}")
    for name, value in entries.items():
        if not isinstance(value, Tensor):
            raise Refused(f"'{name}' among its weights is no tensor")
        if not str(name).isprintable():
            raise Refused(f"'{name}' among its weights is no name")
    prefix = "module." if all(str(name).startswith("module.") for name in entries) else ""
    return {str(name).removeprefix(prefix): tensor for name, tensor in entries.items()}


def look(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """The tensor as an array that shares its storage's memory."""
    begin = tensor.storage.start + tensor.offset
    count = math.prod(tensor.shape)
    end = begin + sum((side - 1) * stride for side, stride in zip(tensor.shape, tensor.strides, strict=True))
    # Checked here, in whole numbers without bounds: NumPy's own check can overflow.
    negative = min((begin, *tensor.shape, *tensor.strides)) < 0
    if negative or count > values.size or (count and end >= values.size):
        raise ValueError("a tensor reaches beyond its storage")
    if not count:
        return np.zeros(tensor.shape, values.dtype)
    strides = [stride * values.itemsize for stride in tensor.strides]
    return np.ndarray(tensor.shape, values.dtype, values, begin * values.itemsize, strides)


def rebuild_tensor(
    storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> Tensor:
    if max(len(shape), len(strides)) > MOST_AXES or not are_whole(offset, *shape, *strides):
        raise ValueError("a tensor is not described as PyTorch does")
    return Tensor(storage, offset, shape, strides)


def are_whole(*numbers: Any) -> bool:
    return all(isinstance(number, int) for number in numbers)


def rebuild_parameter(tensor: Tensor, *_: Any) -> Tensor:
    return tensor


KNOWN: Mapping[str, Any] = {
    "collections.OrderedDict": pickled.ordered,
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_parameter": rebuild_parameter,
} | {f"{module}.{kind}": kind for module in ("torch", "torch.cuda") for kind in TYPES}
