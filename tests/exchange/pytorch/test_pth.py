"""PyTorch's files read without PyTorch: both formats, every kind of tensor, and nothing in them ever runs."""

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from contextlib import suppress

import numpy as np
import pytest

from gan_style.exchange.pytorch.pth import read_state_dict
from gan_style.system.errors import UserError
from tests.exchange.pytorch.torch_files import (
    WRITERS,
    Storage,
    Tensor,
    pickled,
    state_dict,
    tensor,
    write_legacy,
    write_zip,
)

both = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@pytest.fixture
def arrays(rng) -> dict[str, np.ndarray]:
    return {
        "z.weight": rng.normal(size=(4, 3, 2, 2)).astype(np.float32),
        "a.bias": rng.normal(size=4).astype(np.float16),
        "m.count": np.array(7),
        "m.mask": np.array([True, False]),
        "m.bytes": np.arange(5, dtype=np.uint8),
        "m.none": np.zeros((0, 3), np.float32),
        "m.double": rng.normal(size=(2, 2)),
    }


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)


@both
@pytest.mark.parametrize("protocol", [2, 4])
def test_names_values_and_order_come_back(write, protocol, arrays, tmp_path):
    assert_same(read_state_dict(write(tmp_path / "g.pth", state_dict(arrays), protocol=protocol)), arrays)


@both
def test_nested_and_data_parallel(write, arrays, tmp_path):
    inside = state_dict({f"module.{name}": array for name, array in arrays.items()})
    assert_same(read_state_dict(write(tmp_path / "g.pth", {"epoch": 3, "state_dict": inside})), arrays)


@both
@pytest.mark.parametrize("how", ["_rebuild_tensor", "_rebuild_parameter"])
def test_parameters_and_the_tensors_of_2017(write, how, arrays, tmp_path):
    content = OrderedDict((name, tensor(array, how)) for name, array in arrays.items())
    assert_same(read_state_dict(write(tmp_path / "g.pth", content)), arrays)


@both
def test_shared_shifted_and_transposed(write, tmp_path):
    shared = Storage(np.arange(24, dtype=np.float32))
    content = {
        "whole": Tensor(shared, (4, 6), (6, 1)),
        "turned": Tensor(shared, (6, 4), (1, 6)),
        "part": Tensor(shared, (2, 3), (6, 2), 7),
    }
    found = read_state_dict(write(tmp_path / "g.pth", content))
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    assert_same(found, {"whole": whole, "turned": whole.T, "part": whole[1:3, 1::2]})


def test_views_of_storages_in_the_legacy_format(tmp_path):
    root = Storage(np.arange(10, dtype=np.float32), view=("view", 4, 3))
    found = read_state_dict(write_legacy(tmp_path / "g.pth", {"w": Tensor(root, (3,), (1,))}))
    assert_same(found, {"w": np.array([4, 5, 6], np.float32)})


@both
def test_bfloat16_becomes_float32(write, tmp_path):
    values = np.array([1.5, -2.0, 3.140625], np.float32)
    storage = Storage((values.view(np.uint32) >> 16).astype(np.uint16), "BFloat16Storage")
    assert_same(read_state_dict(write(tmp_path / "g.pth", {"w": Tensor(storage, (3,), (1,))})), {"w": values})


def test_big_endian(arrays, tmp_path):
    assert_same(read_state_dict(write_zip(tmp_path / "g.pth", state_dict(arrays), order="big")), arrays)


def test_what_python_2_wrote(tmp_path):
    # OrderedDict([['w', tensor]]) at once, names as bytes, as its pickles have them.
    array = np.arange(3, dtype=np.float32)
    path = write_legacy(tmp_path / "g.pth", OrderedDict([("w", tensor(array, "_rebuild_tensor"))]))
    data, _ = pickled([["w", tensor(array, "_rebuild_tensor")]], legacy=True)
    whole, _ = pickled(OrderedDict([("w", tensor(array, "_rebuild_tensor"))]), legacy=True)
    old = (
        b"\x80\x02ccollections\nOrderedDict\n"
        + data[2:-1].replace(b"X\x01\x00\x00\x00w", b"U\x01w")
        + b"\x85R."
    )
    path.write_bytes(path.read_bytes().replace(whole, old))
    assert_same(read_state_dict(path), {"w": array})


class Evil:
    def __reduce__(self) -> tuple:
        return os.mkdir, ("ran",)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_code_is_named_and_never_run(protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = {"w": tensor(np.zeros(2, np.float32)), "x": Evil()}
    plain = tmp_path / "plain.pth"
    plain.write_bytes(pickle.dumps(Evil(), protocol))
    named = rf"holds Python code \({os.mkdir.__module__}.mkdir\), not only weights; refused"
    for path in (
        write_zip(tmp_path / "z.pth", content, protocol=max(2, protocol)),
        write_legacy(tmp_path / "l.pth", content),
        plain,
    ):
        with pytest.raises(UserError, match=named):
            read_state_dict(path)
    assert not (tmp_path / "ran").exists()
    pickle.loads(plain.read_bytes())
    assert (tmp_path / "ran").exists()  # so it would have


def in_zip(path, pickle_bytes: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle_bytes)
    return path


# Each tuple holds the one before it twice: as a key, 2^80 things to hash.
TUPLES = b"\x80\x02}" + b"N\x85q\x00" + b"h\x00\x86q\x00" * 80 + b"Ns."


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("bomb", "expected"),
    [
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "holds no weights by name; what it holds: NoneType"),
        (TUPLES, "neither a name nor a number"),
        (
            b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
            "holds no weights by name; what it holds: list",
        ),
        (b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.", "damaged or cut off"),
        (b"\x80\x02" + b"\x8b\xff\xff\xff\x7f.", "damaged or cut off|pickle instruction"),
        (b"\x80\x02N2.", "holds DUP, a pickle instruction"),
        (b"\x80\x02a.", "damaged or cut off"),
        (b"\x80\x02NR.", "damaged or cut off"),
        (b"\x80\x02]}Q.", "damaged or cut off"),
        (b"", "damaged or cut off"),
    ],
)
def test_bombs(bomb, expected, tmp_path):
    with pytest.raises(UserError, match=expected):
        read_state_dict(in_zip(tmp_path / "bomb.pth", bomb))


@both
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"w": Tensor(Storage(np.zeros(4, np.float32)), (5,), (1,))}, "reaches beyond its storage"),
        ({"w": Tensor(Storage(np.zeros(4, np.float32)), (2,), (1,), 3)}, "reaches beyond its storage"),
        (
            {"w": Tensor(Storage(np.zeros(4, np.float32)), (2, 2), (2**62, 2**62))},
            "reaches beyond its storage",
        ),
        ({"w": Tensor(Storage(np.zeros(4, np.float32)), (2,), (-1,), 3)}, "reaches beyond its storage"),
        ({"w": Tensor(Storage(np.zeros(4, np.float32)), (2**40,), (0,))}, "reaches beyond its storage"),
        (
            {"w": Tensor(Storage(np.zeros(4, np.float32)), (2**40, (1,)), (1, 1))},
            "not described as PyTorch does",
        ),
        (
            {"w": Tensor(Storage(np.zeros(4, np.float32)), (1,) * 5000, (1,) * 5000)},
            "not described as PyTorch does",
        ),
        ({"w": Tensor(Storage(np.zeros(4, np.float32), count=2**50), (4,), (1,))}, "were expected"),
        ({"w": tensor(np.zeros(2, np.float32)), "lr": 0.1}, "'lr' among its weights is no tensor"),
        (
            {"generator": {}, "discriminator": {}},
            "holds no weights by name; what it holds: generator, discriminator",
        ),
        ({"\x1b[2J\nw": tensor(np.zeros(2, np.float32))}, r"'\[2Jw' among its weights is no name"),
        ([1, 2], "holds no weights by name; what it holds: list"),
    ],
)
def test_what_does_not_hold_together(write, content, expected, tmp_path):
    with pytest.raises(UserError, match=expected) as told:
        read_state_dict(write(tmp_path / "g.pth", content))
    assert str(told.value).startswith(f"{tmp_path / 'g.pth'}: ")


@both
def test_cut_off_anywhere(write, arrays, tmp_path):
    whole = write(tmp_path / "g.pth", state_dict(arrays)).read_bytes()
    short = tmp_path / "short.pth"
    for length in [*range(0, len(whole), 37), len(whole) - 1]:
        short.write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"damaged or cut off|no weights file of PyTorch's"):
            read_state_dict(short)


@both
def test_any_damaged_byte_is_an_error_or_harmless(write, arrays, rng, tmp_path):
    whole = write(tmp_path / "g.pth", state_dict(arrays)).read_bytes()
    for place in rng.integers(0, len(whole), 300):
        (tmp_path / "bad.pth").write_bytes(whole[:place] + bytes([rng.integers(256)]) + whole[place + 1 :])
        with suppress(UserError):
            read_state_dict(tmp_path / "bad.pth")


def test_other_files(arrays, tmp_path):
    def refused(expected: str) -> None:
        with pytest.raises(UserError, match=expected):
            read_state_dict(path)

    path = tmp_path / "other.pth"
    for junk in (b"", b"hello", b"<html>", pickle.dumps([1, 2]), os.urandom(1000)):
        path.write_bytes(junk)
        refused("no weights file of PyTorch's|Python code|pickle instruction")
    np.savez(tmp_path / "some.npz", a=np.zeros(3))
    path.write_bytes((tmp_path / "some.npz").read_bytes())
    refused("none of PyTorch's")
    write_zip(path, state_dict({"w": np.zeros(10**6, np.float32)}), compression=zipfile.ZIP_DEFLATED)
    refused("compressed or overlapping")
    write_zip(path, state_dict(arrays))
    whole = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            if not name.endswith("/0"):
                archive.writestr(name, whole.read(name))
    refused("damaged or cut off.*data/0")
