"""From the tokens of a side to its tree: one module for each kind of notation."""
