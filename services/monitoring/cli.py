"""The command line of monitoring: ``python -m services.monitoring``."""

from services.monitoring.main import create_app
from services.monitoring.settings import MonitoringSettings
from services.monitoring.worker import work
from shared.command import ServiceCommand

cli = ServiceCommand("monitoring", MonitoringSettings, create_app, work).cli
