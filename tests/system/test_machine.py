"""Precision by the hardware."""

import os

import pytest
import tensorflow as tf

from gan_style.system import machine, processor


def test_float32_is_not_tensorfloat32():
    switch = tf.config.experimental
    before = switch.tensor_float_32_execution_enabled()
    try:
        switch.enable_tensor_float_32_execution(True)
        machine.configure(
            machine.Machine("float32", tf.config.threading.get_intra_op_parallelism_threads(), ""), 0
        )
        assert not switch.tensor_float_32_execution_enabled()
    finally:
        switch.enable_tensor_float_32_execution(before)


def test_auto_precision_follows_the_hardware(monkeypatch):
    for native, precision in ((True, "mixed_bfloat16"), (False, "float32")):
        monkeypatch.setattr(machine, "native_bfloat16", lambda native=native: (native, "test"))
        assert machine.choose_machine("auto", "auto").precision == precision
        assert machine.choose_machine("float32", 1) == machine.Machine("float32", 1, "as configured")


READ = processor.known_flags.__wrapped__  # without what it remembers of the real processor


def told_flags(monkeypatch, tmp_path, flags):
    (tmp_path / "cpuinfo").write_text(f"flags : fpu {flags}\n")
    monkeypatch.setattr(processor, "Path", lambda _: tmp_path / "cpuinfo")
    monkeypatch.setattr(processor, "known_flags", READ)


def test_cpu_flags_are_read(monkeypatch, tmp_path):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    told_flags(monkeypatch, tmp_path, "avx512f amx_bf16")
    assert machine.native_bfloat16() == (True, "CPU with amx_bf16")
    told_flags(monkeypatch, tmp_path, "avx512f")
    assert machine.native_bfloat16() == (False, "no bfloat16 instructions found")


@pytest.mark.parametrize(
    ("flags", "convolutions"),
    [("avx2", "winograd"), ("avx512_bf16", "winograd"), ("avx512_bf16 amx_bf16", "direct")],
)
def test_matrix_units_convolve_directly_in_bfloat16(monkeypatch, tmp_path, flags, convolutions):
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    told_flags(monkeypatch, tmp_path, flags)
    assert machine.convolutions_for("mixed_bfloat16") == convolutions
    assert machine.convolutions_for("float32") == "winograd"


def test_other_processors_convolve_directly(monkeypatch):
    monkeypatch.setattr(processor.platform, "machine", lambda: "arm64")
    assert machine.convolutions_for("float32") == "direct"


@pytest.mark.parametrize(
    ("isa", "precision"),
    [("AVX2", "float32"), ("avx512_core", "float32"), ("AVX512_CORE_BF16", "mixed_bfloat16")],
)
def test_a_processor_made_smaller_lacks_instructions(monkeypatch, tmp_path, isa, precision):
    told_flags(monkeypatch, tmp_path, "avx2 avx512f avx512_bf16 amx_bf16")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", isa)
    assert machine.choose_machine("auto", 1).precision == precision
    assert "amx_bf16" not in processor.flags()


@pytest.mark.parametrize(("asked", "used"), [(None, "1"), ("0", "0"), ("1", "1")])
def test_onednn_is_on_unless_the_user_says_otherwise(monkeypatch, asked, used):
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv(processor.ONEDNN, "before")  # so that it is put back
    monkeypatch.delenv(processor.ONEDNN)
    if asked:
        monkeypatch.setenv(processor.ONEDNN, asked)
    processor.use_onednn()
    assert os.environ[processor.ONEDNN] == used
    assert processor.onednn_in_use() == (used == "1")
