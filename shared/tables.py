"""Every table that stands in each service's database, gathered for the migrations."""

from shared.db.base import SharedBase
from shared.jobs.tables import JobRow
from shared.journal.tables import FeedPosition, JournalEntry, SetAsideEvent
from shared.web.idempotency import IdempotencyKey

SHARED_METADATA = SharedBase.metadata
SHARED_TABLES = (JournalEntry, FeedPosition, SetAsideEvent, IdempotencyKey, JobRow)
