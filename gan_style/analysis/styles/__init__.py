"""Which styles are alike: distances of textures as a table, a heat map and a map."""
