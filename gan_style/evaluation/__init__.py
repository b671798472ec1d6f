"""How good are the pictures of a run: metrics, judges, and the two anchors that every score stands between."""
