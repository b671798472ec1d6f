"""Writes both formats of `torch.save` without PyTorch: real pickles, through stand-ins for its modules."""

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path
from unittest import mock

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
SYSTEM = {
    "protocol_version": PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}
KINDS = {
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "f8": "DoubleStorage",
    "i8": "LongStorage",
    "u1": "ByteStorage",
    "b1": "BoolStorage",
}

torch, torch_utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
torch.__path__ = []
MODULES = {"torch": torch, "torch._utils": torch_utils}


def stand_in(module: types.ModuleType, name: str) -> type:
    made = type(name, (), {"__module__": module.__name__, "__qualname__": name})
    setattr(module, name, made)
    return made


for kind in (*KINDS.values(), "BFloat16Storage"):
    stand_in(torch, kind)
rebuild = {
    name: stand_in(torch_utils, name)
    for name in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter")
}


class Storage:
    def __init__(
        self, values: np.ndarray, kind: str | None = None, view: tuple | None = None, count: int | None = None
    ) -> None:
        self.values, self.view = np.ravel(values), view
        self.kind = kind or KINDS[self.values.dtype.str[1:]]
        self.count = self.values.size if count is None else count


class Tensor:
    """Pickles itself as PyTorch's tensors do. Strides are in values."""

    def __init__(
        self, storage: Storage, shape: tuple, strides: tuple, offset: int = 0, how: str = "_rebuild_tensor_v2"
    ) -> None:
        self.how, self.arguments = how, (storage, offset, shape, strides)

    def __reduce__(self) -> tuple:
        if self.how == "_rebuild_parameter":
            return rebuild[self.how], (
                Tensor(*self.arguments[:1], *self.arguments[2:], self.arguments[1]),
                True,
                OrderedDict(),
            )
        return rebuild[self.how], self.arguments + (
            (False, OrderedDict()) if self.how == "_rebuild_tensor_v2" else ()
        )


def tensor(array: np.ndarray, how: str = "_rebuild_tensor_v2") -> Tensor:
    array = np.array(array, order="C")
    return Tensor(
        Storage(array), array.shape, tuple(stride // array.itemsize for stride in array.strides), how=how
    )


def state_dict(arrays: dict[str, np.ndarray]) -> OrderedDict:
    weights = OrderedDict((name, tensor(array)) for name, array in arrays.items())
    weights._metadata = OrderedDict([("", {"version": 1})])  # as PyTorch's own
    return weights


class Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, legacy: bool, protocol: int) -> None:
        super().__init__(file, protocol)
        self.legacy, self.storages = legacy, []

    def persistent_id(self, value: object) -> tuple | None:
        if not isinstance(value, Storage):
            return None
        if value not in self.storages:
            self.storages.append(value)
        identity = (
            "storage",
            getattr(torch, value.kind),
            str(self.storages.index(value)),
            "cpu",
            value.count,
        )
        return (*identity, value.view) if self.legacy else identity


def pickled(content: object, legacy: bool, protocol: int = 2) -> tuple[bytes, list[Storage]]:
    file = io.BytesIO()
    pickler = Pickler(file, legacy, protocol)
    with mock.patch.dict(sys.modules, MODULES):
        pickler.dump(content)
    return file.getvalue(), pickler.storages


def write_zip(
    path: Path,
    content: object,
    *,
    order: str = "little",
    compression: int = zipfile.ZIP_STORED,
    protocol: int = 2,
) -> Path:
    data, storages = pickled(content, legacy=False, protocol=protocol)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/byteorder", order)
        for key, storage in enumerate(storages):
            archive.writestr(
                f"archive/data/{key}",
                storage.values.astype(storage.values.dtype.newbyteorder(order)).tobytes(),
            )
        archive.writestr("archive/version", "3\n")
    return path


def write_legacy(path: Path, content: object, protocol: int = 2) -> Path:
    data, storages = pickled(content, legacy=True, protocol=protocol)
    head = [pickle.dumps(value, protocol) for value in (MAGIC, PROTOCOL, SYSTEM)]
    raw = [storage.values.size.to_bytes(8, "little") + storage.values.tobytes() for storage in storages]
    path.write_bytes(
        b"".join([*head, data, pickle.dumps([str(key) for key in range(len(storages))], protocol), *raw])
    )
    return path


WRITERS = {"zip": write_zip, "legacy": write_legacy}
