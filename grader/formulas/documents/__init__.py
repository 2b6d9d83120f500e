"""From a document to the tokens of its lines: where formulas stand, what belongs to them, and what is taken back."""
