"""Very many pictures: a list of them, painted in shards, any of which may be killed and run again."""
