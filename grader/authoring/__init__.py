"""Writes assignments for authors to begin with: a small new one, or a copy of another one with other numbers."""
