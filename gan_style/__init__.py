"""Image-to-image style translation with Keras 3."""

import os

# TensorFlow computes with threads of its own. NumPy's wait busily for matrices too small to share, and only
# take the cores from it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.2.0"
