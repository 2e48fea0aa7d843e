"""What may be entered as a household's circumstances."""

from shared.values.bilingual import Bilingual
from shared.values.money import amount_below
from shared.values.refusal import InvalidValue

# An amount is below 100 million yuan, as an income entry is.
possible_amount = amount_below(8)


class PropertyWithoutCommission(InvalidValue):
    code = "property-without-commission"
    template = Bilingual(
        "家庭未签核对委托书，不得核对其财产（《浙江省社会救助条例》第四十九条）；请先取得书面委托，或将财产各项留空。",
        "The family has not signed the commission, and without it its property may not be checked "
        "(art. 49 of Zhejiang's regulation on social assistance); have it signed first, or leave "
        "the property out.",
    )


def require_commissioned(commission_signed: bool | None, found: object) -> None:
    """Refuse property that was looked into though the family did not commission it in writing.

    Raises PropertyWithoutCommission.
    """
    if commission_signed is False and found is not None:
        raise PropertyWithoutCommission
