"""How a tree is shown: as MathML, so that people see how a line was read."""
