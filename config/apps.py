"""The package that puts the portal together."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
