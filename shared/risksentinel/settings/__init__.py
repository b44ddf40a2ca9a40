"""The settings of a process, one file for each subject; `Settings` has them all."""

from risksentinel.settings.settings import Settings

__all__ = ["Settings"]
