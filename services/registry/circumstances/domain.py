"""What may be entered as a household's circumstances."""

from shared.values.bilingual import Bilingual
from shared.values.refusal import InvalidValue


class PropertyWithoutCommission(InvalidValue):
    code = "property-without-commission"
    template = Bilingual(
        "家庭未签核对委托书，不得核对其财产（《浙江省社会救助条例》第四十九条）；请先取得书面委托，或将财产各项留空。",
        "The family has not signed the commission, and without it its property may not be checked "
        "(art. 49 of Zhejiang's regulation on social assistance); have it signed first, or leave "
        "the property out.",
    )


class CommissionUnknown(InvalidValue):
    # One code for whoever handles it: either way the property is left out until the commission is there.
    code = "property-without-commission"
    template = Bilingual(
        "是否已签核对委托书不详，不得登记核对所得的财产（《浙江省社会救助条例》第四十九条）；请先查明并填写，或将财产各项留空。",
        "Whether the family has signed the commission is not known, and without it its property may not "
        "be checked (art. 49 of Zhejiang's regulation on social assistance); find that out and state it, "
        "or leave the property out.",
    )


def require_commissioned(
    commission_signed: bool | None, found: object, *, on_record: bool = False
) -> None:
    """Refuse property that was looked into though the family is not known to have commissioned that.

    What is ``on_record`` may have been recorded before that had to be known.
    Raises PropertyWithoutCommission or CommissionUnknown.
    """
    if found is None or commission_signed:
        return
    if commission_signed is False:
        raise PropertyWithoutCommission
    if not on_record:
        raise CommissionUnknown
