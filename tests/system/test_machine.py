"""Precision by the hardware."""

import tensorflow as tf

from gan_style.system import machine


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


def test_cpu_flags_are_read(monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr(machine, "Path", lambda _: cpuinfo)
    cpuinfo.write_text("flags : fpu avx512f amx_bf16\n")
    assert machine.native_bfloat16() == (True, "CPU with amx_bf16")
    cpuinfo.write_text("flags : fpu avx512f\n")
    assert machine.native_bfloat16() == (False, "no bfloat16 instructions found")
