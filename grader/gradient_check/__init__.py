"""Holds a student's gradients against differences of the student's own forward pass: two claims apart, what fits and what is the task's."""

from __future__ import annotations

from grader.gradient_check.check import check_gradients
from grader.gradient_check.claims import Evidence, GradientCheck, GradientClaim, document

__all__ = ["Evidence", "GradientCheck", "GradientClaim", "check_gradients", "document"]
