"""What deploy/ has for Docker, as far as that can be told without Docker."""

from typing import Any
from urllib.parse import urlsplit

import yaml

from app import database_addresses
from app.settings import Settings
from tests.support.nginx import documented, documented_cache
from tests.support.server import ROOT

FOLDER = ROOT / "deploy"


def composed() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return loaded


def test_everything_that_is_named_is_there() -> None:
    file = composed()
    for name, service in file["services"].items():
        assert set(service["networks"]) <= set(file["networks"]), name
        assert {each["source"] for each in service.get("configs", ())} <= set(file["configs"]), name
        assert set(service.get("depends_on", ())) <= set(file["services"]), name
        assert {each.partition(":")[0] for each in service.get("volumes", ())} <= set(file["volumes"]), name


def test_the_servers_have_settings_that_hold() -> None:
    file = composed()
    for number in (1, 2, 3):
        given = file["services"][f"server-{number}"]["environment"]
        names = {name.removeprefix("FOLLOWTHROUGH_").lower() for name in given}
        assert names <= set(Settings.model_fields)
        settings = Settings(
            _env_file=None,
            database_url=given["FOLLOWTHROUGH_DATABASE_URL"],
            read_database_url=given["FOLLOWTHROUGH_READ_DATABASE_URL"],
            trusted_proxies=given["FOLLOWTHROUGH_TRUSTED_PROXIES"],
        )
        poolers = [urlsplit(each).hostname for each in settings.read_database_urls]
        assert poolers == [name for name in file["services"] if name.startswith("pooler-")]
        several = database_addresses.for_driver(settings.database_url)
        assert all(str(each) in several for each in poolers)


def test_its_nginx_is_that_of_the_documentation() -> None:
    outside, inside = documented_cache()
    written = (FOLDER / "nginx.conf").read_text()
    upstream = "".join(f"    server server-{number}:8000;\n" for number in (1, 2, 3))
    expected = documented().replace("    server 127.0.0.1:8000;\n", upstream)
    expected = expected.replace("server {\n", f"{outside}\n\nserver {{\n{inside}", 1)
    assert written.partition("\n")[2] == expected
