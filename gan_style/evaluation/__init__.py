"""How good are the pictures of a run: metrics, backbones, and the two anchors that every score stands between."""
