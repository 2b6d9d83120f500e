# mypy: ignore-errors
# result: graded
"""Fills the folder of shared memory."""


@attempt
def fill():
    with open("/dev/shm/hostile", "wb") as file:
        file.write(bytes(7 << 20))
    return "wrote 7 MB that outlive it"
