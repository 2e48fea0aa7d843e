"""Why an item is not signed off or sent back."""

from typing import ClassVar

from services.monitoring.zero_outs.domain import AWAITED, STATES, ItemState, Outcome
from services.monitoring.zero_outs.tables import ZeroOutItemRow
from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel

LEVELS: dict[DivisionLevel, Bilingual] = {
    DivisionLevel.VILLAGE: Bilingual("村", "village"),
    DivisionLevel.TOWNSHIP: Bilingual("乡镇", "township"),
    DivisionLevel.COUNTY: Bilingual("县", "county"),
}


class ItemRefused(Problem):
    """An item is not signed off as it stands; carries its state, outcome, missing and stale facts."""

    status = 409
    words: ClassVar[Bilingual]

    def __init__(self, row: ZeroOutItemRow) -> None:
        state, after = STATES[row.state], row.evidence_after
        zh = self.words.zh.format(reason=row.reason["zh"], state=state.zh, after=after)
        en = self.words.en.format(reason=row.reason["en"], state=state.en, after=after)
        super().__init__(
            Bilingual(zh, en),
            state=row.state,
            outcome=row.outcome,
            missing=row.missing,
            stale=row.stale,
        )


class NotReady(ItemRefused):
    code = "item-not-ready"
    title = Bilingual("事项不在待签状态", "The item does not wait for a signature")
    words = Bilingual(
        "事项当前状态为“{state}”，不待签字；请先读取事项的最新状态。",
        "The item is {state} and waits for no signature; read where it stands now.",
    )


class NewEvidenceNeeded(ItemRefused):
    code = "new-evidence-needed"
    title = Bilingual("需要新的证据", "New evidence is needed")
    words = Bilingual(
        "原证据不实，事项已被退回；请登记 {after} 之后的新核查，判定达标后再签字。",
        "The evidence proved false and the item was sent back; record what was found after {after}, "
        "and sign once the criterion is met by it.",
    )


class CriterionNotMet(ItemRefused):
    code = "criterion-not-met"
    title = Bilingual("并未达标", "The criterion is not met")
    words = Bilingual(
        "判定未达标，事项待解决：{reason}。解决并登记后再签字。",
        "The criterion is not met, and the item is open: {reason}. Solve it, record it, then sign.",
    )


class CriterionUndetermined(ItemRefused):
    code = "criterion-undetermined"
    title = Bilingual("无法判定", "The criterion cannot be determined")
    words = Bilingual(
        "待判定的事项不得签字：{reason}。请先补充或更新这些事实。",
        "Nothing undetermined is signed off: {reason}. Record or renew these facts first.",
    )


class SubjectNotJudged(ItemRefused):
    code = "subject-not-judged"
    title = Bilingual("对象未能判定", "The subject could not be judged")
    words = Bilingual(
        "规则服务未能判定此对象，本次未签字；请核对其登记内容后再试。",
        "Rules could not judge this subject, so nothing was signed; check what is recorded of it.",
    )


class NotReopenable(ItemRefused):
    code = "item-not-reopenable"
    title = Bilingual("事项不能退回", "The item cannot be sent back")
    words = Bilingual(
        "事项当前状态为“{state}”，没有可退回的达标结论。",
        "The item is {state}; there is no finding to take back.",
    )


class SignOffLevel(Problem):
    status, code = 409, "sign-off-level"
    title = Bilingual("不是您这一级签字", "It is another level's turn")

    def __init__(self, wanted: DivisionLevel) -> None:
        words = LEVELS[wanted]
        super().__init__(
            Bilingual(
                f"现在应由该事项所在的{words.zh}签字；请用该级账号操作。",
                f"It is the turn of the item's own {words.en}; act with an account of that level.",
            ),
            level=wanted.value,
        )


class SignerRepeated(Problem):
    status, code = 409, "signer-repeated"
    title = Bilingual("同一人不能签两级", "The same person may not sign twice")

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "您已在前一级签字；请由另一人签这一级。",
                "You signed an earlier level; somebody else must sign this one.",
            )
        )


class CountyLevelRequired(Problem):
    status, code = 403, "county-level-required"
    title = Bilingual("须由县级以上退回", "Only a county or above sends an item back")

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                "只有县级及以上可以退回事项；请向县级报告并附证据。",
                "Only a county or a level above sends an item back; report the evidence to the county.",
            )
        )


def not_signable(row: ZeroOutItemRow) -> ItemRefused | None:
    """Return why an item as it stands is not signed off by anybody; None if it waits for somebody."""
    if row.state in AWAITED:
        return None
    if row.state == ItemState.OPEN:
        match row.outcome:
            case Outcome.NOT_MET:
                return CriterionNotMet(row)
            case Outcome.UNDETERMINED:
                return CriterionUndetermined(row)
            case Outcome.MET:
                return NewEvidenceNeeded(row)
    return NotReady(row)
