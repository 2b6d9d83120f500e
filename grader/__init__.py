"""The grader: from a submission to a grade, its findings and a report."""

__version__ = "0.1.0"
