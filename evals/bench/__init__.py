"""How fast, how small and how flat: the same measurements of this software and of its peers, in one run."""
