"""Every setting and every limit, of the service and of engines, once: with its unit and why that number."""

from cavendish.settings.engine import engine_environment
from cavendish.settings.settings import Settings, default_data_directory, describe, load

__all__ = ["Settings", "default_data_directory", "describe", "engine_environment", "load"]
