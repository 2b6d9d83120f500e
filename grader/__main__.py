"""`python -m grader`: the same as the command `grader`."""

from grader.cli import main

# A worker that is spawned reads the main module again, and must not become a second grader.
if __name__ == "__main__":
    main()
