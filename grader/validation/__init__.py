"""Proves an assignment sound before students see it: every proof says what it looked at and what it found.

Begin with `run.py`, which has the proofs in their order; `proof.py` has what they give.
"""
