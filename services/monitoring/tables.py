"""Every table of monitoring, gathered for its migrations."""

from services.monitoring.base import MonitoringBase
from services.monitoring.cases.tables import TimelineRow
from services.monitoring.zero_outs.tables import PendingJudgementRow, ZeroOutItemRow

METADATA = MonitoringBase.metadata
TABLES = (TimelineRow, ZeroOutItemRow, PendingJudgementRow)
