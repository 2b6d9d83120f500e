"""Mutants of right code: one small change each, made from the text alone, without knowing what it computes.

What becomes of a mutant is not decided here: see `grader.validation`.
"""

from grader.mutants.making import Mutant, mutants_of, sampled

__all__ = ["Mutant", "mutants_of", "sampled"]
