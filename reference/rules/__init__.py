"""The operations by theme; `reference.operations` is the table of all."""
