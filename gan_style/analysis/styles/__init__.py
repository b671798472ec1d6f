"""Which styles are alike: distances of textures between pictures or folders, shown as a table, a heat map and a map."""
