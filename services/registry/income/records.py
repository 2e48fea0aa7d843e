"""The kind of record that this feature keeps."""

from services.registry.households.records import moving_with_household
from services.registry.income.schemas import income_entry_state
from services.registry.income.tables import IncomeEntryRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

INCOME_ENTRY = moving_with_household(
    RecordKind(
        "registry",
        "income_entry",
        Bilingual("收入记录", "income entry"),
        IncomeEntryRow,
        income_entry_state,
    )
)
