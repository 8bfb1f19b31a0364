"""Every setting and every limit, once, with its unit and why; engines declare theirs by the same means."""

from cavendish.settings.engine import engine_environment
from cavendish.settings.loading import default_data_directory, describe, load
from cavendish.settings.settings import Settings

__all__ = ["Settings", "default_data_directory", "describe", "engine_environment", "load"]
