"""The shapes of verdicts, so that they are read without colour; each is drawn in 16 by 16 units with the pen alone."""

from __future__ import annotations

from markupsafe import Markup

from grader.model import Verdict

SHAPES = {
    Verdict.CORRECT: Markup('<path d="M2.5 8.5l3.7 3.7 7.3-8"/>'),
    Verdict.FOLLOWS: Markup('<path d="M3 2.5v6.5h9.5M9 5.5l3.8 3.5L9 12.5"/>'),
    Verdict.WRONG: Markup('<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>'),
    Verdict.MISSING: Markup('<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.6 3.2"/>'),
    Verdict.INVALID: Markup('<path d="M8 2l6.3 11.5H1.7zM8 6.5v3"/>'),
    Verdict.UNDECIDED: Markup('<path d="M5 5.6a3 3 0 1 1 4.4 2.6C8.4 8.8 8 9.3 8 10.3M8 13.4v.1"/>'),
}
