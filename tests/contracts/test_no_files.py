"""Nothing that is kept lies on a local disk: files are sealed objects of the vault, or small and in their row."""

import pytest
from django.apps import apps
from django.core.files.storage import default_storage, storages
from django.core.files.storage.handler import InvalidStorageError
from django.db import models


def test_no_model_keeps_a_file() -> None:
    found = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField)
    ]

    assert found == []


def test_there_is_no_default_storage() -> None:
    with pytest.raises(InvalidStorageError):
        storages["default"]
    with pytest.raises(InvalidStorageError):
        default_storage.exists("x")
