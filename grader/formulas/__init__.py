"""Reads written derivations: formulas in a document, line by line, into trees; nothing is judged and no file is read."""
