"""The registry's command line: ``python -m services.registry``."""

from services.registry.main import create_app
from services.registry.settings import RegistrySettings
from services.registry.worker import work
from shared.command import ServiceCommand

cli = ServiceCommand("registry", RegistrySettings, create_app, work).cli
