"""Sorts what lies in one folder into submissions: as a learning platform names them, as repositories, or one by one."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Origin, Platform
from grader.submissions.downloads import Named, classroom_prefix, own_names, recognised
from grader.submissions.found import Found, Member, Upload
from grader.submissions.gradescope import METADATA, Exported, read_metadata
from grader.submissions.listing import Gathering
from grader.submissions.names import shown

_KEPT_BESIDE = (".csv", ".xlsx", ".ods", ".yml", ".yaml", ".json")
"""Of tables that lie beside the submissions of a download: a worksheet, a roster."""
_BLIND_NAMES = frozenset(
    {"participant", "teilnehmerin", "teilnehmer", "participante", "partecipante", "deelnemer"}
)
"""What Moodle calls everybody in blind marking, in some of its languages."""


class Folder(Struct, frozen=True, kw_only=True):
    """The entries of one folder, or of those that a person named in it."""

    path: Path
    names: tuple[str, ...]
    """In their order."""
    is_class: bool
    """Whether a person named the folder and not the entries."""


def submissions_in(
    folder: Folder, plain: Callable[[Path], Found], modified: Callable[[Path], float]
) -> Iterator[Found]:
    """Return the submissions among the entries of a folder.

    Parameters
    ----------
    folder : Folder
    plain : callable
        Makes a submission of one entry that no platform has named.
    modified : callable
        Time of one entry, in seconds since 1970.

    Yields
    ------
    Found
        In the order of the entries. Where they are a download, tables beside it are left out.

    Raises
    ------
    UsageError
        If the metadata of an export cannot be read.
    """
    groups = _download(folder) or _export(folder) or _clones(folder)
    firsts = {group.names[0]: group for group in groups}
    taken = {name for group in groups for name in group.names}
    for name in folder.names:
        if name in firsts:
            yield firsts[name].found(folder.path, modified)
        elif name not in taken and not (groups and folder.is_class and _is_beside(folder.path / name)):
            yield plain(folder.path / name)


def is_download(folder: Folder) -> bool:
    """Say whether what lies in a folder is from a learning platform."""
    return METADATA in folder.names or bool(recognised(_kinds(folder)))


def _is_beside(path: Path) -> bool:
    return path.suffix.lower() in _KEPT_BESIDE and not path.is_dir()


class _Group(Struct, frozen=True, kw_only=True):
    """Entries that are one submission."""

    student: str
    origin: Origin
    names: tuple[str, ...]
    """Of the entries, the one that is read first."""
    uploads: tuple[str, ...] = ()
    """Own names of the first of these entries, where they are files of a flat download."""
    members: tuple[Member, ...] = ()

    def found(self, folder: Path, modified: Callable[[Path], float]) -> Found:
        """Return where the submission is."""
        paths = [folder / name for name in self.names]
        uploads = tuple(Upload(name=name, path=path) for name, path in zip(self.uploads, paths, strict=False))
        newest = _newest(uploads, modified) if uploads else modified(paths[0])
        origin = replace(self.origin, newest_at=newest or None)
        read = len(uploads) or 1
        return Found(
            student=self.student,
            path=paths[0],
            modified=newest,
            uploads=uploads,
            beside=tuple(shown(name) for name in self.names[read:]),
            origin=origin,
            members=tuple(
                replace(member, origin=replace(member.origin, newest_at=newest or None))
                for member in self.members
            ),
        )


def _newest(uploads: Sequence[Upload], modified: Callable[[Path], float]) -> float:
    gathering = Gathering(name="")
    for upload in uploads:
        gathering.add_file(upload.name, modified(upload.path))
    return gathering.listing().modified


# --------------------------------------------------------------------------------------------------------------
# Moodle and Canvas


def _kinds(folder: Folder) -> Mapping[str, bool]:
    return {
        name: (folder.path / name).is_dir() for name in folder.names if not _is_beside(folder.path / name)
    }


def _download(folder: Folder) -> tuple[_Group, ...]:
    named = recognised(_kinds(folder))
    blind = _is_blind(tuple(named.values()))
    groups: dict[tuple[str, bool], list[tuple[str, Named]]] = {}
    for name, one in named.items():
        groups.setdefault((one.participant or one.name, one.late), []).append((name, one))
    return tuple(made for group in groups.values() for made in _parts(group, blind=blind))


def _is_blind(named: Collection[Named]) -> bool:
    """Say whether everybody has the same name, which is then nobody's."""
    names = {one.name for one in named}
    if len(names) != 1:
        return False
    return len({one.participant for one in named}) > 1 or names.pop().casefold() in _BLIND_NAMES


def _parts(group: Sequence[tuple[str, Named]], *, blind: bool) -> Iterator[_Group]:
    """Return the submission of one participant, or several where there are several folders."""
    files = [(name, one) for name, one in group if not one.is_page]
    pages = [(name, one) for name, one in group if one.is_page]
    first = (files or pages)[0][1]
    student = f"{first.name} {first.participant}" if blind else first.name
    flat = [(name, one) for name, one in files or pages if one.file]
    folders = [(name, one) for name, one in files or pages if not one.file]
    beside = tuple(name for name, _ in pages) if files else ()
    for name, one in folders:
        yield _Group(student=shown(student), origin=_origin(one, ()), names=(name, *beside))
    if flat:
        names = tuple(name for name, _ in flat)
        yield _Group(
            student=shown(student),
            origin=_origin(flat[0][1], names),
            names=(*names, *beside),
            uploads=own_names([one for _, one in flat]),
        )


def _origin(one: Named, files: tuple[str, ...]) -> Origin:
    return Origin(
        platform=one.platform,
        participant=one.participant,
        name=shown(one.name),
        folder=one.folder,
        files=files,
        late=one.late,
    )


# --------------------------------------------------------------------------------------------------------------
# Gradescope and GitHub Classroom


def _export(folder: Folder) -> tuple[_Group, ...]:
    if not folder.is_class or METADATA not in folder.names:
        return ()
    exported = read_metadata(folder.path / METADATA)
    return tuple(_exported(name, exported[name]) for name in folder.names if name in exported)


def _exported(name: str, one: Exported) -> _Group:
    is_team = len(one.submitters) > 1
    members = tuple(
        Member(
            student=shown(person.name),
            origin=Origin(
                platform=Platform.GRADESCOPE,
                participant=name.removeprefix("submission_"),
                name=shown(person.name),
                folder=name,
                submitted_at=one.created_at,
                id=shown(person.sid),
                email=shown(person.email),
                team=name if is_team else "",
            ),
        )
        for person in one.submitters
    )
    first = members[0]
    return _Group(
        student=first.student, origin=first.origin, names=(name,), members=members if is_team else ()
    )


def _clones(folder: Folder) -> tuple[_Group, ...]:
    """Return the clones of GitHub Classroom, where everything in a folder is a clone but an entry or two."""
    if not folder.is_class:
        return ()
    entries = [name for name in folder.names if not _is_beside(folder.path / name)]
    clones = [name for name in entries if os.path.lexists(folder.path / name / ".git")]
    if not clones or len(entries) - len(clones) > max(1, len(entries) // 10):
        return ()
    prefix = classroom_prefix(clones, folder.path.resolve().name)
    if prefix is None:
        return ()
    return tuple(
        _Group(
            student=shown(name.removeprefix(prefix)),
            origin=Origin(
                platform=Platform.CLASSROOM,
                participant=name,
                name=shown(name.removeprefix(prefix)),
                folder=name,
            ),
            names=(name,),
        )
        for name in clones
    )
