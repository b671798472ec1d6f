"""The page: `gan-style serve`. This process needs no TensorFlow; one of its own paints."""
