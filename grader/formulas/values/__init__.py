"""From a tree and a point to a value, by bounded work."""
