"""docs/operate.md: its commands take these variables, its prices and permissions are those of the code."""

import re

import botocore.session
import pytest

from bench.scaling.prices import Prices
from infra.operator import prices
from tests.blocks import ROOT, blocks

PAGE = "docs/operate.md"
TEXT = ROOT.joinpath(PAGE).read_text()
IN_BLOCKS = [line for block in blocks("sh", PAGE) for line in block.splitlines() if line.startswith("make ")]
COMMANDS = sorted({*IN_BLOCKS, *re.findall(r"`(make [^`]+)`", TEXT)})
READERS = {
    "activity": ("activity", "call_log"),
    "alarms": ("alarms", "alarm_topic"),
    "stages": ("stages",),
    "cost": ("cost", "usage"),
}
"""The files of each command that ask AWS."""


def targets() -> dict[str, str]:
    """What `make help` says of each target, by its name."""
    files = [ROOT / "Makefile", *ROOT.glob("infra/*/*.mk")]
    found = (re.findall(r"^([a-z0-9-]+):.*?## (.*)$", file.read_text(), re.MULTILINE) for file in files)
    return {name: text for pairs in found for name, text in pairs}


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading whose first column has this name."""
    (table,) = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def test_each_command_takes_the_variables_that_it_is_given() -> None:
    known = targets()
    assert {command.split()[1] for command in COMMANDS} <= known.keys()

    given = {
        command: re.findall(r"(?<![\w=\"])([A-Z][A-Z_]+)=", command.partition(' PARAMETERS="')[0])
        for command in COMMANDS
    }
    assert sum(map(len, given.values())) > 30
    assert [
        (command, name)
        for command, names in given.items()
        for name in names
        if f"{name}=" not in known[command.split()[1]]
    ] == []


def test_the_page_begins_with_a_table_of_tasks() -> None:
    tasks = rows("task")

    named = {match[1] for _, cell in tasks if (match := re.match(r"`make ([a-z-]+)", cell))}
    assert {*READERS, "connections", "secrets", "deploy", "rollback", "doctor"} <= named
    assert TEXT.index("| task | command |") < TEXT.index("\n## ")


def test_the_prices_of_the_page_are_those_that_the_command_uses() -> None:
    shown = [(what, float(dollars), per) for what, dollars, per in rows("what | USD")]

    assert shown == [(each.what, each.dollars, each.per) for each in prices.ALL]
    assert f"Prices of {prices.REGION} as of {prices.AS_OF}" in TEXT


def test_the_scaling_page_computes_with_the_same_prices() -> None:
    modelled = Prices()

    assert prices.DURATION["arm64"].dollars == modelled.arm64[0][1]
    assert prices.DURATION["x86_64"].dollars == modelled.x86_64[0][1]
    assert prices.INVOCATIONS.charge(1) == pytest.approx(modelled.request)
    assert prices.REQUESTS_TO_API.charge(1) == pytest.approx(modelled.gateway[0][1])
    assert (prices.SNAPSHOTS.dollars, prices.RESTORES.dollars) == (modelled.snapshot, modelled.restored)
    assert prices.LOGS.dollars == modelled.function_log[0][1]


def asked_actions(command: str) -> set[str]:
    """The actions of IAM for the operations that the command's files name."""
    text = "".join(ROOT.joinpath(f"infra/operator/{name}.py").read_text() for name in READERS[command])
    services = r"cloudformation|cloudwatch|lambda|logs|sns|ssm"
    pairs = re.findall(rf'"({services})",\s+"([a-z_]+)"', text)
    return {f"{service}:{''.join(word.capitalize() for word in name.split('_'))}" for service, name in pairs}


@pytest.mark.parametrize("command", READERS)
def test_the_permissions_of_the_page_are_those_that_the_command_asks_for(command: str) -> None:
    (named,) = (cell for name, cell in rows("command") if name == f"`make {command}`")
    actions = set(re.findall(r"`([a-z]+:\w+)`", named))

    assert actions == asked_actions(command)
    session = botocore.session.Session()
    for action in actions:
        service, operation = action.split(":")
        assert operation in session.get_service_model(service).operation_names


def test_the_page_says_how_long_a_token_lives_on() -> None:
    assert "an issued token works until it expires: after five minutes" in TEXT
