"""Why an item is not signed off or sent back."""

from collections.abc import Mapping

from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.values.divisions import DivisionLevel

LEVELS = {
    DivisionLevel.VILLAGE: Bilingual("村", "village"),
    DivisionLevel.TOWNSHIP: Bilingual("乡镇", "township"),
    DivisionLevel.COUNTY: Bilingual("县", "county"),
}


class NotReady(Problem):
    status, code = 409, "item-not-ready"
    title = Bilingual("事项不在待签状态", "The item does not wait for a signature")

    def __init__(self, state: str) -> None:
        super().__init__(
            Bilingual(
                f"事项当前状态为 {state}；达标（ready）后才能签字。",
                f"The item is {state}; it can be signed once its criterion is met (ready).",
            )
        )


class SignOffLevel(Problem):
    status, code = 409, "sign-off-level"
    title = Bilingual("不是您这一级签字", "It is another level's turn")

    def __init__(self, wanted: DivisionLevel) -> None:
        words = LEVELS[wanted]
        super().__init__(
            Bilingual(
                f"现在应由该事项所在的{words.zh}办理；请用该级账号操作。",
                f"It is the turn of the item's own {words.en}; act with an account of that level.",
            )
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


class CriterionNotMet(Problem):
    status, code = 409, "criterion-not-met"
    title = Bilingual("现在并未达标", "The criterion is not met now")

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(
            Bilingual(
                f"重新判定未达标，事项已退回待解决：{reason['zh']}",
                f"Judged again it is not met, and the item is open again: {reason['en']}",
            )
        )


class CriterionUndetermined(Problem):
    status, code = 409, "criterion-undetermined"
    title = Bilingual("现在无法判定", "The criterion cannot be determined now")

    def __init__(self, reason: Mapping[str, str]) -> None:
        super().__init__(
            Bilingual(
                f"待判定的事项不得签字，请先补齐事实：{reason['zh']}",
                f"Nothing undetermined is signed off; record what is missing first: {reason['en']}",
            )
        )


class NotReopenable(Problem):
    status, code = 409, "item-not-reopenable"
    title = Bilingual("事项不能退回", "The item cannot be sent back")

    def __init__(self, state: str) -> None:
        super().__init__(
            Bilingual(
                f"事项当前状态为 {state}，无需退回。",
                f"The item is {state}; there is nothing to send back.",
            )
        )
