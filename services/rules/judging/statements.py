"""Asking the registry for one subject that is to be judged."""

from datetime import date

from services.rules.clients.registry import FactsStatement, RegistryClient
from services.rules.subjects import SubjectKind
from shared.problems import NotFound
from shared.security.access import Caller
from shared.values.bilingual import Bilingual


async def statement_of(
    registry: RegistryClient, caller: Caller, kind: SubjectKind, subject_id: str, as_of: date
) -> FactsStatement:
    """Return what the registry states of one subject.

    Raises:
        NotFound: the subject is not in the register on that day, or outside the caller's division.

    """
    statement = await registry.facts_of(kind, subject_id, as_of)
    if statement is None or not caller.covers(statement["subject"]["division"]):
        raise NotFound(not_in_register(subject_id))
    return statement


def not_in_register(subject_id: str) -> Bilingual:
    """Return the words for a subject that does not exist for the caller."""
    return Bilingual(
        f"该日期在您的区划范围内没有在册对象 {subject_id}；请核对编号和日期。",
        f"{subject_id} is not in the register of your division on that day; check id and date.",
    )
