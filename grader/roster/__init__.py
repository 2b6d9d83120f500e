"""Who is in a class: read from a table, and held against the submissions that were found."""

from __future__ import annotations

from grader.roster.matching import Enrolled, enrolled
from grader.roster.table import Person, Roster, read_roster

__all__ = ["Enrolled", "Person", "Roster", "enrolled", "read_roster"]
