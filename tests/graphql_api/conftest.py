"""The sample API in development and in production."""

from pathlib import Path

import pytest

from backend.settings import Environment, Settings
from tests.graphql_api.sample import Api


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("dev")
    return Settings.load({"STEMME_DEV_FOLDER": str(folder)})


@pytest.fixture(scope="session")
def api(settings: Settings) -> Api:
    return Api(settings)


@pytest.fixture(scope="session")
def production(settings: Settings) -> Api:
    return Api(settings, environment=Environment.PRODUCTION)
