"""Results in the formats of the systems around us: continuous integration, and what reads its files.

Each module is one format, and makes text from the values of `outcomes`, which hold nothing but what students may see. Nothing
here reads or writes a file; `grader.cli` does.
"""
