"""Image-to-image style translation with Keras 3."""

__version__ = "0.1.0"
