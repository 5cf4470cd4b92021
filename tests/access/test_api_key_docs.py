"""The examples of docs/api-keys.md: the commands are sent as they are written, the tool is served."""

import re
import shlex
from collections.abc import Iterator
from functools import partial
from typing import get_args

import pytest

from app.application import create_app
from app.auth import api_keys
from app.authoring.testing import CallAs, ProtocolVersion, Who, as_api_key, provide
from examples import resources as example_resources
from examples import tools as example_tools
from infra.local.testing.server import LocalServer
from tests.access.test_api_keys import text
from tests.api_keys import KeyWorld
from tests.blocks import ROOT, blocks, script
from tests.catalogues.usual import tools as usual_tools
from tests.events import http_api
from tests.packages import Write
from tests.rig import Answer
from tests.team import FIXTURES

FILE = "docs/api-keys.md"
PAGE = (ROOT / FILE).read_text()


def send_as_curl(command: str, world: KeyWorld, key: str) -> Answer:
    """What the command sends, to a server in this process."""
    words = shlex.split(command.partition(" | jq")[0])
    assert words[:5] == ["curl", "-sS", "--fail-with-body", "--retry", "3"]
    options = dict(zip(words[6::2], words[7::2], strict=True)) | {"-H": ""}
    headers = [value for option, value in zip(words[6::2], words[7::2], strict=True) if option == "-H"]
    sent = dict(header.replace("$MCP_API_KEY", world.value(key)).split(": ", 1) for header in headers)
    assert words[5] == "https://mcp.example.com/mcp"
    return world.rig.send(
        http_api(headers={name.lower(): value for name, value in sent.items()}, body=options["-d"])
    )


@pytest.mark.parametrize("key", ["CI", "Grace's notebook"])
def test_the_command_for_curl_is_answered(key: str) -> None:
    world = KeyWorld.start((usual_tools, example_tools), resources=example_resources)

    answer = send_as_curl(blocks("sh", FILE)[0], world, key)

    result = answer.json["result"]
    assert (result["isError"], "reports:read" in result["structuredContent"]["permissions"]) == (False, True)


def test_the_job_for_ci_sends_the_same() -> None:
    import yaml

    job = yaml.safe_load(blocks("yaml", FILE)[0])["jobs"]["ask"]
    (step,) = job["steps"]

    assert step["run"].partition(" | jq")[0] == blocks("sh", FILE)[0].strip()
    assert step["env"] == {"MCP_API_KEY": "${{ secrets.MCP_API_KEY }}"}
    assert step["run"].endswith("| jq -e '.result.isError == false'\n")


def test_the_tool_of_the_page_admits_keys_with_the_permission(write: Write) -> None:
    world = KeyWorld.start(write(publish_build=script("app/tools/publish_build.py", FILE)))

    assert world.list_tools("CI") == ["publish_build"]
    assert [world.list_tools(name) for name in ("Status page", "Grace's notebook")] == [[], []]
    said = text(world.call("CI", "publish_build", build="1.2"))
    assert said == "1.2 of org_01LOCALANALYTICALENGINES00 is public."


RULES = {
    'any_of(api_key(), permission("reports:write"))': {"CI", "Status page", "Grace's notebook", "Ada's script"},
    '[any_of(user(), api_key()), permission("reports:write")]': {"CI"},
    "any_of(anyone(), api_key())": {"CI", "Status page", "Grace's notebook", "Ada's script"},
    "[user(), api_key()]": {"Grace's notebook", "Ada's script"},
}


def test_the_rules_of_the_page_admit_whom_it_says(write: Write) -> None:
    assert re.findall(r"^- `requires=(.*)` admits", PAGE, re.MULTILINE) == [*RULES]

    for rule, admitted in RULES.items():
        world = KeyWorld.start(
            write(
                ruled=f'''from app.authoring import any_of, anyone, api_key, permission, tool, user

@tool(requires={rule})
async def ruled() -> str:
    """Do something."""
    return "done"
'''
            )
        )
        names = ("CI", "Status page", "Grace's notebook", "Ada's script")
        assert {name for name in names if world.list_tools(name)} == admitted


SERVER = LocalServer(
    FIXTURES / "seed.toml", partial(create_app, tools=(usual_tools, example_tools), resources=example_resources)
)


@pytest.fixture
def server() -> Iterator[None]:
    before = provide(SERVER.connect)
    yield
    provide(before)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("version", get_args(ProtocolVersion))
@pytest.mark.matrix
def test_a_client_that_sends_a_header_works_in_both_versions(version: ProtocolVersion, call_as: CallAs) -> None:
    caller = call_as(as_api_key("CI"), protocol=version)

    assert {"my_access", "whoami", "my_profile"} & {*caller.tools()} == {"my_access", "whoami"}
    assert caller.call("my_access")["permissions"] == ["reports:read", "reports:write"]


MADE_UP = {
    "of an organisation": (as_api_key(permissions={"reports:read"}), "api_key_01TEST", "org_01TEST"),
    "of a user": (as_api_key(owner="user", permissions={"reports:read"}), "user_01TEST", "org_01TEST"),
    "elsewhere": (
        as_api_key(organization="Compiler Works", permissions={"reports:read"}, flags={"early-access"}),
        "api_key_01TEST",
        "org_01LOCALCOMPILERWORKS000000",
    ),
    "seeded": (
        as_api_key("Grace's notebook"),
        "user_01LOCALGRACEHOPPER0000000",
        "org_01LOCALCOMPILERWORKS000000",
    ),
}


@pytest.mark.parametrize("which", MADE_UP)
@pytest.mark.matrix
def test_a_test_makes_keys_up_or_takes_those_of_the_seed_file(which: str, call_as: CallAs, write: Write) -> None:
    who, user, organization = MADE_UP[which]
    tools = write(
        who="""from app.authoring import CurrentSession, any_of, anyone, api_key, tool

@tool(requires=any_of(anyone(), api_key()))
async def who(session: CurrentSession) -> list[str]:
    \"\"\"Say who calls.\"\"\"
    return [session.kind, session.user_id, str(session.organization_id), *sorted(session.permissions)]
"""
    )
    before = provide(LocalServer(FIXTURES / "seed.toml", partial(create_app, tools=tools)).connect)
    try:
        assert call_as(who).call("who") == ["api_key", user, organization, "reports:read"]
    finally:
        provide(before)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("who", "why"),
    [
        (as_api_key("No such key"), "has no API key 'No such key'; it has CI, Status page"),
        (as_api_key("CI", organization="Compiler Works"), "'CI' works in its own organisation alone"),
    ],
)
def test_a_key_that_cannot_be_is_the_tests_mistake(who: Who, why: str, call_as: CallAs) -> None:
    with pytest.raises(ValueError, match=why):
        call_as(who)


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    said = " ".join(PAGE.split())

    assert f"at most {api_keys.MAX_UNKNOWN_KEYS} unknown keys at once" in said
    assert f"one more every {api_keys.UNKNOWN_KEY_SECONDS:g} seconds" in said
    assert f"refused again for {api_keys.REFUSAL_SECONDS:g} seconds" in said
    assert api_keys._KEY.fullmatch("a" * 16)
    assert api_keys._KEY.fullmatch("a" * 256)
    assert "16 to 256 letters" in said


def test_the_command_prints_the_key_that_the_page_names(capsys: pytest.CaptureFixture[str]) -> None:
    from infra.local.token import main

    (name,) = set(re.findall(r'`make -s token API_KEY="([^"]+)"`', PAGE))
    assert main({"API_KEY": name}) == 0

    world = KeyWorld.start()
    assert capsys.readouterr().out == f"{world.value(name)}\n"
