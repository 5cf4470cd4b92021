"""The pictures of docs/landing-page.md: `python -m tests.e2e.landing_pictures` takes them anew, with Chromium."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from app.authoring import Identity
from app.http.landing import LandingPage
from app.settings import Settings, parse_note
from infra.local.seed.load import load_seed
from infra.local.start_page import write_note
from tests.blocks import ROOT

NODE = ROOT / ".venv/bin/node"
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
DESKTOP, PHONE = {"width": 1000, "height": 1130}, {"width": 390, "height": 844}
PICTURES = {
    "landing-local-light": ("local", DESKTOP, "light"),
    "landing-local-dark": ("local", DESKTOP, "dark"),
    "landing-deployed-light": ("deployed", DESKTOP, "light"),
    "landing-deployed-dark": ("deployed", DESKTOP, "dark"),
    "landing-phone-light": ("deployed", PHONE, "light"),
    "landing-phone-dark": ("local", PHONE, "dark"),
}
LOCAL = Settings(
    issuer="http://127.0.0.1:8001",
    client_id="client_01",
    base_url="http://127.0.0.1:8000",
    landing_page_note=parse_note(write_note(load_seed(ROOT / "tests/fixtures/seed.toml"))),
)
DEPLOYED = Settings(
    issuer="https://login.acme.example",
    client_id="client_01",
    base_url="https://mcp.acme.example",
    require_organization=True,
    docs_url="https://docs.acme.example/assistants",
    landing_page_note=("No account yet? Ask #data-platform.",),
)
TEMPLATE = Identity(
    name="workos-mcp-lambda",
    version="0.1.0",
    title="WorkOS MCP on Lambda",
    description="Tools that act for the person logged in through WorkOS AuthKit.",
    icons=(
        (
            "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20viewBox=%220,0,8,8%22%3E%3Cpath%20"
            "fill=%22teal%22%20d=%22M1,0h2l4,8H5L3,4,1,8H0L2,2z%22/%3E%3C/svg%3E"
        ),
    ),
)
ACME = Identity(
    name="acme-reports",
    version="2.0.0",
    title="Acme Reports",
    description="Ask your assistant for Acme's reports, figures and forecasts.",
    instructions="Figures are those of the evening before. You see the reports of your own organisation.",
    icons=(
        (
            "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20viewBox=%220,0,24,24%22%3E%3Cpath%20"
            "fill=%22%23d9480f%22%20d=%22M3,13h4v8H3zM10,8h4v13h-4zM17,3h4v18h-4z%22/%3E%3C/svg%3E"
        ),
    ),
)


def take_pictures(folder: Path) -> None:
    """Write the pictures to the folder, as PNG files."""
    forms: Mapping[str, tuple[Settings, Identity]] = {"local": (LOCAL, TEMPLATE), "deployed": (DEPLOYED, ACME)}
    with TemporaryDirectory() as scratch:
        for name, (settings, identity) in forms.items():
            Path(scratch, f"{name}.html").write_bytes(LandingPage.render(settings, identity).html)
        wanted = [
            {"name": name, "url": Path(scratch, f"{form}.html").as_uri(), "scheme": scheme, **size}
            for name, (form, size, scheme) in PICTURES.items()
        ]
        subprocess.run(
            [str(NODE), str(Path(__file__).with_name("picture.mjs")), str(CHROMIUM), scratch, json.dumps(wanted)],
            check=True,
            timeout=120,
        )
        for name in PICTURES:
            shutil.move(Path(scratch, f"{name}.png"), folder / f"{name}.png")


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
