"""Moving pictures: read, painted without flicker, written, or shown while they are painted."""
