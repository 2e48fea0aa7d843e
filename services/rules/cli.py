"""The command line of rules: ``python -m services.rules``."""

from services.rules.main import create_app
from services.rules.settings import RulesSettings
from services.rules.worker import work
from shared.command import ServiceCommand

cli = ServiceCommand("rules", RulesSettings, create_app, work).cli
