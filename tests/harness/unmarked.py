"""Settings under which a finished picture is the engine's bytes: its marks have tests of their own, and take time."""

SETTINGS = {"marks": "none", "copies": "off", "register": "off"}
ENVIRONMENT = {f"CAVENDISH_{name.upper()}": value for name, value in SETTINGS.items()}
