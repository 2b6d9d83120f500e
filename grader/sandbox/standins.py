"""Silent things that stand for plotting and notebook packages, so that a plot does not stop a submission."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, TracebackType

STAND_IN_PACKAGES = frozenset(
    {"matplotlib", "matplotlib_inline", "mpl_toolkits", "pylab", "seaborn", "IPython", "google"}
)
"""Packages that draw or belong to the notebook. `google` stands for `google.colab`; the real IPython is there for notebooks."""

REASON = "part of a plotting or notebook package, which is not available while grading"


class StandIn:
    """Takes part in any plotting code and does nothing; equal to nothing but itself, and no number."""

    def __getattr__(self, name: str) -> StandIn:
        # NumPy, IPython and others probe for names with underscores; having them would claim a meaning.
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn()

    def _ipython_display_(self) -> None:
        """Show nothing at the end of a cell."""

    def __call__(self, *_values: object, **_options: object) -> StandIn:
        """Do nothing."""
        return StandIn()

    def __getitem__(self, key: object) -> StandIn:
        return StandIn()

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __iter__(self) -> Iterator[StandIn]:
        # Two, for `figure, axes = plt.subplots()`.
        return iter((StandIn(), StandIn()))

    def __enter__(self) -> StandIn:  # noqa: PYI034  (stands for anything, not for itself)
        return StandIn()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def __repr__(self) -> str:
        return "<not available while grading>"


class StandInModule(ModuleType):
    """A module of which every name is a stand-in."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()
