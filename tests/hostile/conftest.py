"""Keeps pytest out of the attacks: some bear names that it would load."""

from __future__ import annotations

collect_ignore = ["attacks", "prelude.py"]
