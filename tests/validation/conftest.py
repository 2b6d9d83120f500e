"""Nothing is shared here; the file makes this folder's modules importable by their names."""
