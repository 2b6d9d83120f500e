"""`Check`: what a student calls in a cell to have the functions of the running notebook checked."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from msgspec.structs import replace

from grader.assignment import Assignment, QuestionSpec
from grader.assignment_file import load
from grader.errors import UsageError
from grader.hints import KIND, RULE, WHERE
from grader.model import Document, Source, Status, Submission
from grader.notebook import live
from grader.notebook.apart import checked_apart
from grader.notebook.namespace import THIS, Namespace, running
from grader.notebook.shown import CheckResult, Looked, looked, shown
from grader.practice import check_with
from grader.reuse import NOTHING_RUN
from grader.secret import PRACTICE
from grader.session import Session, session
from grader.work import run_nothing

LIVE_NOTE = (
    "This looked at what the notebook holds now. What you hand in is run from top to bottom: a cell that was deleted, "
    "changed or run out of order can make a difference there."
)
FILE_NOTE = "This ran the saved file from top to bottom, apart from this notebook."
TEXT_NOTE = "This read the text that was handed over. What you hand in is read from the file."


class Check:
    """Checks the functions of the running notebook against an assignment: the worked case and practice cases.

    Parameters
    ----------
    assignment : str
        Its name, or the path of its folder.
    namespace : dict, optional
        Where the functions are; that of the running notebook where it is left out.

    Raises
    ------
    UsageError
        Where there is no such assignment.

    Examples
    --------
    In a notebook::

        from grader.notebook import Check

        check = Check("skip_network")
        check("gradients")  # one question
        check()  # all questions
        check.file("solution.ipynb")  # the saved file, run from top to bottom
    """

    def __init__(self, assignment: str, *, namespace: dict[str, object] | None = None) -> None:
        self._assignment = load(assignment)
        self._namespace = namespace

    def __repr__(self) -> str:
        calls = ", ".join(f'check("{question.id}")' for question in self._assignment.questions)
        return f"{self._assignment.title}: check() looks at all questions; one each: {calls}"

    def __call__(self, *questions: str, text: str | None = None, hint: int | None = None) -> CheckResult:
        """Check some questions, or all of them, with what the notebook holds now.

        Parameters
        ----------
        *questions : str
            Ids; all where none is given.
        text : str, optional
            What is written for questions that are answered in formulas or words: the kernel does not know the notebook's text.
        hint : int, optional
            How much is told of the first mistake: 1 where it is, 2 what kind it is, 3 the rule; no more than the course allows.

        Returns
        -------
        CheckResult
            Shows itself as the value of a cell.

        Raises
        ------
        UsageError
            Where there is no such question.
        KeyboardInterrupt
            When it was stopped.
        """
        asked = self._asked(questions)
        hint = _step(hint)
        if text is not None:
            return self._written(asked, text, hint, named=bool(questions))
        run = [question for question in asked if not self._is_written(question)]
        left_out = [question for question in asked if self._is_written(question)]
        found = self._live(run) if run else None
        notes = (*_not_read(left_out), *([LIVE_NOTE] if run else []))
        return shown(self._assignment, found, run, notes=notes, hint=hint)

    def file(self, path: str | Path, *questions: str, hint: int | None = None) -> CheckResult:
        """Check a file on the disk as `grader check` does: run from top to bottom, apart from this notebook.

        Parameters
        ----------
        path : str or Path
            A notebook (save it first), module, text or folder.
        *questions : str
            Ids; all where none is given.
        hint : int, optional
            As for the check itself.

        Returns
        -------
        CheckResult

        Raises
        ------
        UsageError
            Where there is no such file or question.
        """
        asked = self._asked(questions)
        found = checked_apart(Path(path), self._assignment.folder)
        return shown(self._assignment, found, asked, notes=(FILE_NOTE,), hint=_step(hint))

    # ----------------------------------------------------------------------------------------------------------

    def _asked(self, ids: Sequence[str]) -> list[QuestionSpec]:
        """Return the questions with some ids, all where there are none, in the order of the assignment."""
        questions = self._assignment.questions
        known = [question.id for question in questions]
        for name in ids:
            if name not in known:
                close = difflib.get_close_matches(str(name), known, n=1)
                hint = f" (did you mean `{close[0]}`?)" if close else ""
                raise UsageError(
                    f"{self._assignment.name} has no question `{name}`{hint}",
                    remedy=f"ask for one of: {', '.join(known)}; check() looks at all",
                )
        return [question for question in questions if not ids or question.id in ids]

    def _is_written(self, question: QuestionSpec) -> bool:
        return bool(question.headings) or question.id in self._assignment.part_of

    def _live(self, asked: Sequence[QuestionSpec]) -> Looked:
        """Check questions that ask for code; experiments are run for those alone that ask for them."""
        namespace = running() if self._namespace is None else Namespace(names=self._namespace)
        drawn = _drawn(self._assignment, frozenset(question.id for question in asked))
        run = partial(live.run, namespace=namespace)
        return looked(check_with(drawn, _submission(namespace), run, live.LEVEL, _say))

    def _written(
        self, asked: Sequence[QuestionSpec], text: str, hint: int | None, *, named: bool
    ) -> CheckResult:
        """Check what is written for some questions."""
        written = [question for question in asked if self._is_written(question)]
        if not written or (named and len(written) < len(asked)):
            code = next((question for question in asked if not self._is_written(question)), None)
            what = f"question `{code.id}` asks" if code else f"{self._assignment.name} asks"
            raise UsageError(f"{what} for code, not for a text", remedy="call check without `text`")
        document = Document(name="text", text=str(text))
        submission = _empty("text", document.text, documents=(document,))
        drawn = _drawn(self._assignment, frozenset(question.id for question in written))
        found = looked(check_with(drawn, submission, run_nothing, NOTHING_RUN))
        answered = {
            question.id for question in found.grade.questions if question.status is not Status.MISSING
        }
        # A text is an answer to one question or another: the others are no news.
        about = [question for question in written if named or question.id in answered] or written
        return shown(self._assignment, found, about, notes=(TEXT_NOTE,), hint=hint)


def _step(hint: int | None) -> int | None:
    """Return a step of the ladder of hints, checked."""
    if hint is not None and hint not in (WHERE, KIND, RULE):
        raise UsageError(
            f"there is no hint {hint!r}", remedy="give hint=1 (where), 2 (what kind) or 3 (the rule)"
        )
    return hint


def _not_read(questions: Sequence[QuestionSpec]) -> Iterable[str]:
    """Say which questions were not looked at, and how they are."""
    if questions:
        names = ", ".join(f"`{question.id}`" for question in questions)
        yield (
            f"Not looked at, since a kernel does not know the text of its notebook: {names}. Save the notebook and call "
            f'check.file("NAME.ipynb"), or hand the text over: check("{questions[0].id}", text=r"""...""").'
        )


@lru_cache(maxsize=8)
def _drawn(assignment: Assignment, asked: frozenset[str]) -> Session:
    """Draw the practice cases for all that the asked questions need: every unit, and their own experiments."""
    needed = {
        name for question in assignment.questions if question.id in asked for name in question.functions
    }
    experiments = tuple(one for one in assignment.experiments if one.function in needed)
    left_out = set(assignment.experiment_of) - {one.function for one in experiments}
    questions = tuple(one for one in assignment.questions if left_out.isdisjoint(one.functions))
    return session(replace(assignment, experiments=experiments, questions=questions), PRACTICE)


def _submission(namespace: Namespace) -> Submission:
    """Return what stands for the notebook: its text serves to say what names there are, and is not run."""
    text = namespace.text
    source = Source(name=THIS, cells=(text,), is_notebook=True)
    return _empty(THIS, text, sources=(source,))


def _empty(name: str, text: str, **parts: tuple[object, ...]) -> Submission:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return Submission(student=name, path=name, files=(name,), sha256=digest, **parts)  # type: ignore[arg-type]  # its sources or documents


def _say(text: str) -> None:
    print(f"running {text}")  # noqa: T201  (the output of the cell: what follows takes long)
