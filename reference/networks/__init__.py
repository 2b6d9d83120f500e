"""Reference networks, one file each."""
