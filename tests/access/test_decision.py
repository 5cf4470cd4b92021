"""Every kind of requirement against callers whose tokens say everything, so that nothing is looked up."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app.access.decision import Decision, Outcome, decide, explain_denial
from app.access.declaration import declare
from app.access.lookups import FAILURE_PAUSE_SECONDS, Lookups
from app.access.requirements import Check, Organization, Permission, Requirement, Scope
from app.authoring import (
    Grants,
    Session,
    Undecidable,
    all_of,
    any_of,
    check,
    flag,
    machine,
    organization,
    permission,
    role,
    scope,
)
from tests.issuer import Clock
from tests.log import Log

CLAIMS = {"roles": ["member"], "permissions": ["reports:read"], "feature_flags": ["export"]}


async def nobody() -> Any:
    raise AssertionError("nothing is looked up")


def grants(*, claims: dict[str, Any] | None = None, **changes: Any) -> Grants:
    held = CLAIMS if claims is None else claims
    values: dict[str, Any] = {
        "user_id": "user_01",
        "session_id": "app_consent_01",
        "organization_id": "org_01",
        "role": None,
        "roles": tuple(held.get("roles", ())),
        "permissions": frozenset(held.get("permissions", ())),
        "feature_flags": frozenset(held.get("feature_flags", ())),
        "scopes": frozenset({"openid", "email"}),
        "client_id": "client_01",
        "token_id": "t",
        "issued_at": 0.0,
        "expires_at": 300.0,
        "is_machine": False,
        "claims": held,
        **changes,
    }
    return Grants(Session(**values), Lookups(nobody, lambda: 0.0))


def decided(requirement: Any, held: Grants | None = None, answers: dict[str, bool] | None = None) -> Decision:
    async def ask(asked: Check) -> bool:
        assert answers is not None
        if answers[asked.needs] is None:
            raise Undecidable
        return answers[asked.needs]

    return asyncio.run(
        decide(declare(requirement).requires, held or grants(), ask if answers is not None else None)
    )


async def predicate() -> bool:
    raise AssertionError("only ask() is asked")


MINE, OURS = check(predicate, needs="mine"), check(predicate, needs="ours", granted_by="Ask us.")
WRITE = scope("reports:write")

OUTCOMES: list[tuple[Any, Outcome]] = [
    (None, Outcome.GRANTED),
    (machine(), Outcome.DENIED),
    (organization(), Outcome.GRANTED),
    (scope("email"), Outcome.GRANTED),
    (WRITE, Outcome.STEP_UP),
    (role("member"), Outcome.GRANTED),
    (role("admin"), Outcome.DENIED),
    (permission("reports:read"), Outcome.GRANTED),
    (permission("reports:write"), Outcome.DENIED),
    (flag("export"), Outcome.GRANTED),
    (flag("export", of="user"), Outcome.GRANTED),
    (flag("import"), Outcome.DENIED),
    (MINE, Outcome.DEPENDS),
    ([role("member"), MINE], Outcome.DEPENDS),
    ([role("admin"), MINE], Outcome.DENIED),
    ([WRITE, MINE], Outcome.STEP_UP),
    ([WRITE, role("admin")], Outcome.DENIED),
    ([role("member"), permission("reports:read"), organization()], Outcome.GRANTED),
    (any_of(role("admin"), permission("reports:read")), Outcome.GRANTED),
    (any_of(role("admin"), permission("reports:write")), Outcome.DENIED),
    (any_of(role("admin"), WRITE), Outcome.STEP_UP),
    (any_of(WRITE, MINE), Outcome.DEPENDS),
    (any_of(machine(), role("member")), Outcome.GRANTED),
    (any_of(all_of(machine(), scope("email")), role("admin")), Outcome.DENIED),
]


@pytest.mark.parametrize(("requirement", "outcome"), OUTCOMES, ids=[str(place) for place in range(len(OUTCOMES))])
def test_each_requirement_decides(requirement: Any, outcome: Outcome) -> None:
    assert decided(requirement).outcome is outcome


ANSWERED: list[tuple[Any, dict[str, Any], Outcome]] = [
    (MINE, {"mine": True}, Outcome.GRANTED),
    (MINE, {"mine": False}, Outcome.DENIED),
    (MINE, {"mine": None}, Outcome.UNDECIDABLE),
    ([MINE, OURS], {"mine": True, "ours": False}, Outcome.DENIED),
    (any_of(MINE, OURS), {"mine": False, "ours": True}, Outcome.GRANTED),
    (any_of(MINE, OURS), {"mine": None, "ours": False}, Outcome.UNDECIDABLE),
    (any_of(MINE, OURS), {"mine": None, "ours": True}, Outcome.GRANTED),
    (any_of(MINE, WRITE), {"mine": False}, Outcome.STEP_UP),
    (any_of(MINE, WRITE), {"mine": None}, Outcome.UNDECIDABLE),
    ([role("admin"), MINE], {}, Outcome.DENIED),
    ([WRITE, MINE], {}, Outcome.STEP_UP),
]


@pytest.mark.parametrize(("requirement", "answers", "outcome"), ANSWERED)
def test_a_check_is_asked_only_for_callers_who_can_still_pass(
    requirement: Any, answers: dict[str, Any], outcome: Outcome
) -> None:
    assert decided(requirement, answers=answers).outcome is outcome


def test_a_step_up_names_every_scope_of_the_operation() -> None:
    both = decided(
        [scope("email"), WRITE, any_of(scope("a:b"), role("admin")), any_of(scope("c"), role("member"))]
    )

    assert both.outcome is Outcome.STEP_UP
    assert both.scopes == ("email", "reports:write", "a:b")


def test_a_denial_names_everything_that_is_missing_of_the_same_cost() -> None:
    missing = decided([role("admin"), permission("reports:write"), flag("import"), role("member")]).missing

    assert [each.needs for each in missing] == [
        "the role admin",
        "the permission reports:write",
        "the feature import",
    ]


def test_nothing_is_looked_up_for_somebody_whom_the_token_alone_keeps_out() -> None:
    outside = grants(claims={}, organization_id=None)

    assert decided([organization(), permission("reports:read")], outside).missing == (Organization(),)
    assert decided(permission("reports:read"), outside).missing == (Permission("reports:read"),)
    assert decided(role("admin"), outside).outcome is Outcome.DENIED
    assert decided(flag("export"), outside).outcome is Outcome.DENIED


def test_a_machine_holds_scopes_and_nothing_of_people() -> None:
    caller = grants(claims={}, is_machine=True)

    assert decided(any_of(machine(), permission("reports:read")), caller).outcome is Outcome.GRANTED
    assert decided(permission("reports:read"), caller).outcome is Outcome.DENIED
    assert decided([machine(), scope("email")], caller).outcome is Outcome.GRANTED
    assert asyncio.run(caller.permissions()) == asyncio.run(caller.roles()) == frozenset()
    assert asyncio.run(caller.flags("user")) == frozenset()
    assert asyncio.run(caller.may("report:view", resource_type="report", external_id="r")) is False


GIVE_ROLE = "An administrator of your organisation can give you this role."
GIVE_PERMISSION = "An administrator of your organisation can give you a role that has it."
TEXTS: list[tuple[Any, str, str]] = [
    (permission("reports:write"), "the permission reports:write", GIVE_PERMISSION),
    (role("admin"), "the role admin", GIVE_ROLE),
    (flag("import"), "the feature import", "Whoever runs this server can switch it on for your organisation."),
    (flag("import", of="user"), "the feature import", "Whoever runs this server can switch it on for you."),
    (machine(), "to be a machine application", ""),
    (
        any_of(role("admin"), permission("members:manage")),
        "one of these: the role admin; the permission members:manage",
        f"{GIVE_ROLE} {GIVE_PERMISSION}",
    ),
    (any_of(machine(), all_of(role("admin"), WRITE)), "the role admin", GIVE_ROLE),
    (
        any_of(all_of(role("admin"), flag("import")), permission("x")),
        "one of these: the role admin and the feature import; the permission x",
        f"{GIVE_ROLE} Whoever runs this server can switch it on for your organisation. {GIVE_PERMISSION}",
    ),
    ([role("admin"), role("owner")], "the role admin and the role owner", GIVE_ROLE),
]


@pytest.mark.parametrize(("requirement", "needs", "advice"), TEXTS, ids=[row[1] for row in TEXTS])
def test_a_denial_says_what_is_missing_and_who_grants_it(requirement: Any, needs: str, advice: str) -> None:
    assert (
        explain_denial(decided(requirement).missing)
        == f"You may not use this: you need {needs}. {advice}".rstrip()
    )


def test_a_caller_without_organisation_or_of_the_wrong_kind_is_told_so() -> None:
    alone, robot = grants(organization_id=None), grants(claims={}, is_machine=True)

    assert explain_denial(decided(organization(), alone).missing) == (
        "You may not use this: you need to be logged in to an organisation. "
        "Choose an organisation when you log in, or ask an administrator of yours to invite you."
    )
    assert explain_denial(decided(None, robot).missing) == "You may not use this: you need to log in as a person."
    assert (
        explain_denial(decided(OURS, answers={"ours": False}).missing)
        == "You may not use this: you need ours. Ask us."
    )


def test_the_reason_of_a_denial_is_a_stable_slug() -> None:
    reasons = {str(decided(need).missing[0].reason) for need, outcome in OUTCOMES if outcome is Outcome.DENIED}

    assert reasons == {"wrong_caller", "missing_role", "missing_permission", "missing_flag"}
    assert Scope("x").reason == "missing_scope"
    assert decided(OURS, answers={"ours": False}).missing[0].reason == "check_failed"
    assert Organization().reason == "no_organization"
    both = any_of(all_of(flag("import"), role("admin")), permission("reports:write"))
    assert decided(both).missing[0].reason == "missing_flag"


def test_every_kind_of_requirement_can_be_told() -> None:
    kinds: list[Requirement] = [
        WRITE,
        role("a"),
        permission("b"),
        flag("c"),
        organization(),
        machine(),
        OURS,
        all_of(WRITE, role("a")),
    ]

    assert [each.needs for each in kinds] == [
        "the scope reports:write",
        "the role a",
        "the permission b",
        "the feature c",
        "to be logged in to an organisation",
        "to be a machine application",
        "ours",
        "the scope reports:write and the role a",
    ]


def test_a_question_without_an_answer_ends_in_time_and_nobody_waits_for_the_next(log: Log) -> None:
    asked: list[int] = []

    async def wait_forever(*request: Any, **options: Any) -> Any:
        asked.append(1)
        await asyncio.Event().wait()

    async def connect() -> Any:
        return SimpleNamespace(request_raw=wait_forever, authorization=SimpleNamespace(check=wait_forever))

    async def scenario() -> None:
        clock = Clock()
        held = Grants(grants(claims={}).session, Lookups(connect, clock, max_seconds=0.05))
        for need in (role("admin"), permission("x"), flag("y"), flag("y", of="user")):
            assert (await decide(declare(need).requires, held)).outcome is Outcome.UNDECIDABLE
        claims = {"role": "member", "organization_membership_id": "om_01"}
        stated = Grants(grants(claims=claims).session, held._lookups)
        with pytest.raises(Undecidable):
            await stated.may("report:view", resource_type="report", external_id="r")
        assert len(asked) == 1
        clock.now += FAILURE_PAUSE_SECONDS
        with pytest.raises(Undecidable):
            await stated.may("report:view", resource_type="report", external_id="r")
        assert len(asked) == 2
        assert (held.source, stated.source) == ("workos", "workos")

    asyncio.run(scenario())
    assert [line["reason"] for line in log("grants could not be looked up")] == ["TimeoutError"] * 2


def test_the_time_that_the_first_client_takes_is_not_part_of_a_questions_time() -> None:
    """It imports the WorkOS SDK, which takes longer on a busy machine and says nothing about WorkOS."""

    async def connect() -> Any:
        await asyncio.sleep(0)  # a limit of no time has passed by then
        return SimpleNamespace(request_raw=answer)

    async def answer(*request: Any, **options: Any) -> Any:
        return {"data": [], "list_metadata": {}}

    async def scenario() -> None:
        held = Grants(grants(claims={}).session, Lookups(connect, Clock(), max_seconds=0))
        assert list(await held.roles()) == []

    asyncio.run(scenario())


def test_a_slow_tool_leaves_its_later_questions_their_own_time() -> None:
    async def empty() -> Any:
        raise LookupError("no key")

    async def scenario() -> None:
        clock = Clock()
        held = Grants(grants(claims={}).session, Lookups(empty, clock))
        with pytest.raises(Undecidable):
            await held.roles()
        clock.now += FAILURE_PAUSE_SECONDS
        with pytest.raises(Undecidable):  # asked again, however long ago the exchange began
            await held.flags("organization")

    asyncio.run(scenario())


def test_of_several_checks_none_is_asked_after_one_has_said_no() -> None:
    asked: list[str] = []

    async def ask(check: Check) -> bool:
        asked.append(check.needs)
        return check.needs == "ours"

    rule = declare([OURS, MINE, check(predicate, needs="theirs")]).requires
    decision = asyncio.run(decide(rule, grants(), ask))

    assert (decision.outcome, asked) == (Outcome.DENIED, ["ours", "mine"])


def test_a_membership_without_roles_in_the_token_is_not_believed() -> None:
    async def no_client() -> Any:
        raise LookupError("asked")

    async def scenario() -> None:
        session = grants(claims={"organization_membership_id": "om_01"}).session
        with pytest.raises(Undecidable):
            await Grants(session, Lookups(no_client, Clock())).membership()

    asyncio.run(scenario())


def test_the_first_alternative_that_a_client_can_ask_for_is_asked_for() -> None:
    assert decided(any_of(scope("a"), scope("b"), role("admin"))).scopes == ("a",)
    assert decided([WRITE, any_of(WRITE, role("admin"))]).scopes == ("reports:write",)
