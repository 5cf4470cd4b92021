"""docs/scaling.md shows what `make scaling` prints, and names settings that exist."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from app import authoring
from bench.scaling.assumed import Assumed
from bench.scaling.levels import ADVICE, RATES
from bench.scaling.limits import parameters
from bench.scaling.markdown import PAGE, held, replaced
from bench.scaling.measured import FILE, load
from bench.scaling.paper_tables import paper_tables
from bench.scaling.record import ROWS, recorded
from bench.scaling.simulated_tables import simulated_tables
from tests.blocks import blocks

TEXT = PAGE.read_text()
DEPLOYS = re.findall(r'PARAMETERS="([^"]+)"', "".join(blocks("sh", "docs/scaling.md")))


def takes(rule: Mapping[str, Any], value: str) -> bool:
    """Whether CloudFormation takes a value for a parameter."""
    if "MaxValue" in rule:
        return float(rule["MinValue"]) <= float(value) <= float(rule["MaxValue"])
    return value in rule.get("AllowedValues", [value]) and bool(
        re.fullmatch(rule.get("AllowedPattern", ".*"), value)
    )


@pytest.mark.parametrize(("name", "text"), paper_tables(load()).items(), ids=lambda each: each.split("\n")[0])
def test_the_tables_on_paper_are_those_of_the_measured_figures(name: str, text: str) -> None:
    assert held(TEXT, name) == text, "make scaling UPDATE=1 rewrites the page"


def test_the_simulated_tables_begin_as_the_simulation_does() -> None:
    # 10,000 calls a second would take half a minute: `make scaling` has them.
    for name, text in simulated_tables(load(), RATES[:2]).items():
        shown = held(TEXT, name)
        assert shown.startswith(text), f"{name}: make scaling UPDATE=1 rewrites the page"
        assert name == "keys" or f"\n| {RATES[2]:,} |" in shown


def test_every_setting_that_the_page_names_is_one_of_the_template() -> None:
    named = set(re.findall(r"`([A-Z][A-Za-z]+)(?:=[^`]*)?`", TEXT)) - vars(authoring).keys()

    assert named >= {"ThrottleRate", "ThrottleBurst", "ReservedConcurrency", "SnapStart", "MemorySize", "Canary"}
    assert named - parameters().keys() == set()


def test_what_the_page_deploys_is_what_is_simulated_and_what_the_template_takes() -> None:
    deployed = [dict(each.split("=") for each in line.split()) for line in DEPLOYS]

    advised = [(str(each.throttle_rate), str(each.throttle_burst)) for each in ADVICE.values()]
    assert [(each["ThrottleRate"], each["ThrottleBurst"]) for each in deployed] == advised
    assert [pair for each in deployed for pair in each.items() if not takes(parameters()[pair[0]], pair[1])] == []


def test_the_page_names_every_guess() -> None:
    guess = Assumed()
    words = (
        f"{guess.restore:.0f} ms for a restore, {guess.placement:.0f} ms before INIT",
        f"{guess.jwks_network:.0f} ms for AuthKit's keys and {guess.ssm_network:.0f} ms for SSM over the network",
        f"{guess.idle_seconds:.0f} s until an idle environment ends",
        f"{guess.life_seconds / 3600:.0f} h until any ends",
        f"{guess.platform_log + guess.access_log:,.0f} bytes of Lambda's and API Gateway's own log lines",
    )

    assert [each for each in words if each not in TEXT] == []


def test_a_table_without_a_place_on_the_page_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table weather"):
        replaced(TEXT, "weather", "| |")


def test_a_new_measurement_replaces_the_medians() -> None:
    rows = "\n".join(
        f"| {label}, and more | {number}.5 | 1.0 | 99.0 |" for number, label in enumerate(ROWS.values())
    )
    printed = f"2027-01-02, Python 3.13.9 on aarch64. Milliseconds, 7 starts each.\n\n{rows}\n"

    new = tomllib.loads(recorded(FILE.read_text(), printed))

    assert new["milliseconds"] == {name: number + 0.5 for number, name in enumerate(ROWS)}
    assert (new["taken"]["date"], new["taken"]["where"]) == ("2027-01-02", "Python 3.13.9 on aarch64")
    assert new["bytes"] == tomllib.loads(FILE.read_text())["bytes"]


def test_a_measurement_that_lacks_a_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row that begins with 'INIT'"):
        recorded(FILE.read_text(), "2027-01-02, Python. Milliseconds, 7 starts each.\n")
    with pytest.raises(ValueError, match="no line with date and versions"):
        recorded(FILE.read_text(), "make: *** No rule")
