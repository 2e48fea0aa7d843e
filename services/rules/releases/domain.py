"""The life of a release, and what its files may be: pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from uuid import UUID

from shared.values.bilingual import Bilingual

MAX_FILES = 1000
MAX_FILE_BYTES = 256 * 1024
MAX_BYTES = 8 * 1024 * 1024
_PATH = re.compile(r"(facts|parameters|rules)(/[a-z0-9][a-z0-9_]{0,62}){1,5}(\.cases)?\.yaml")


class ReleaseState(StrEnum):
    """起草 draft, 提请批准 proposed, 已批准 approved, 定期施行 scheduled, 施行中 in_force.

    已被替代 superseded, 已退回 rejected, 已撤回 withdrawn.
    """

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATES: Mapping[str, Bilingual] = {
    ReleaseState.DRAFT: Bilingual("起草", "drafted"),
    ReleaseState.PROPOSED: Bilingual("提请批准", "proposed"),
    ReleaseState.APPROVED: Bilingual("已批准", "approved"),
    ReleaseState.SCHEDULED: Bilingual("定期施行", "scheduled"),
    ReleaseState.IN_FORCE: Bilingual("施行中", "in force"),
    ReleaseState.SUPERSEDED: Bilingual("已被替代", "superseded"),
    ReleaseState.REJECTED: Bilingual("已退回", "rejected"),
    ReleaseState.WITHDRAWN: Bilingual("已撤回", "withdrawn"),
}
"""In words."""


DATED = (ReleaseState.SCHEDULED, ReleaseState.IN_FORCE, ReleaseState.SUPERSEDED)
"""States of releases that judge from their date on, if they have one."""

APPROVED = (ReleaseState.APPROVED, *DATED)


class FileChange(StrEnum):
    """What became of a file against the release that a draft is based on."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


def is_policy_path(path: str) -> bool:
    """Tell whether a policy may have a file of this name: a YAML file below one of three folders."""
    return len(path) <= 200 and _PATH.fullmatch(path) is not None


def changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, FileChange]:
    """Return each file that differs, by path."""
    return {
        path: FileChange.ADDED
        if path not in before
        else FileChange.REMOVED
        if path not in after
        else FileChange.CHANGED
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }


def undone_files(
    base: Mapping[str, str], draft: Mapping[str, str], current: Mapping[str, str]
) -> list[str]:
    """Return the files that changed since ``base`` and would be as in ``base`` again with ``draft``."""
    return [
        path
        for path in sorted(base.keys() | current.keys())
        if base.get(path) != current.get(path) and draft.get(path) == base.get(path)
    ]


def common_base(based_on: Mapping[UUID, UUID | None], one: UUID, other: UUID) -> UUID:
    """Return the last release that two come from, which one of them may be; all come from the first."""
    theirs = set(_line(based_on, other))
    return next(each for each in _line(based_on, one) if each in theirs)


def _line(based_on: Mapping[UUID, UUID | None], release: UUID | None) -> Iterator[UUID]:
    while release is not None:
        yield release
        release = based_on[release]


def with_editor(editors: Iterable[str], editor: str) -> list[str]:
    """Return who has edited a release, once each, in the order in which they came."""
    return list(dict.fromkeys((*editors, editor)))
