# mypy: ignore-errors
# result: graded
"""Imports what knows the answers."""


@attempt
def reference():
    from reference.networks import skip_network

    return f"imported {skip_network}"


@attempt
def grader():
    import grader.marking

    return f"imported {grader.marking}"


@attempt
def assignments():
    import assignments.skip_network.solution as solution

    return f"imported {solution}"
