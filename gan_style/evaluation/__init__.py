"""How good are the pictures of a run: metrics, and the two references that every score stands between."""
