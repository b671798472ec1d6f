"""TensorFlow without its noise."""

import os
import sys

from gan_style.system.processor import use_onednn


def import_tensorflow() -> None:
    """Import it once, without the notes that its C++ side writes to standard error at any log level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    use_onednn()
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow as tf

        tf.config.list_physical_devices()  # the first look for a GPU is noisy too
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
