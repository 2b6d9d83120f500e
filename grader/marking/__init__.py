"""From answers to verdicts, findings and points: pure functions of values."""
