"""`make activity`: who called what on a stage, newest first, from the function's log, and totals at the end.

Environment: STAGE, USER_ID, ORG (an organisation's id), TOOL (or a prompt's or resource's name), OUTCOME (of
docs/audit.md, or refused: tokens that were not accepted), WORK (an id of background work), HOURS=24, LAST=50 (how
many lines are listed; the totals count all), JSON=1, and what boto3 reads (AWS_PROFILE, AWS_ENDPOINT_URL).
It reads with FilterLogEvents, which AWS does not bill, and at most call_log.MAX_PAGES pages.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.operator.call_log import (
    MAX_PAGES,
    REFUSED,
    Call,
    InvalidQuestion,
    Question,
    Reading,
    find_group,
    read_stage,
)
from infra.operator.columns import columns
from infra.operator.report import printable
from infra.operator.stage_aws import AwsRefused, MakeClient, StageAws, make_client
from infra.operator.times import shown_time

Environment = Mapping[str, str]
MAX_HOURS = 24 * 366
_HEADINGS = ("time (UTC)", "user", "organisation", "client", "called", "outcome", "reason", "ms", "work")


def main(
    environment: Environment,
    file: Path = SAMCONFIG,
    *,
    make: MakeClient = make_client,
    now: float | None = None,
    max_pages: int = MAX_PAGES,
) -> int:
    until = time.time() if now is None else now
    try:
        hours = _read_number("HOURS", environment.get("HOURS") or "24", MAX_HOURS)
        last = int(_read_number("LAST", environment.get("LAST") or "50", 10_000))
        question = _read_question(environment)
        aws = StageAws(read_deployment(environment, file), make)
        group = find_group(aws)
        since = until - hours * 3600
        reading = read_stage(aws, question, since=since, until=until, max_pages=max_pages)
    except (InvalidDeployment, InvalidQuestion) as refused:
        print(refused, file=sys.stderr)
        return 2
    except AwsRefused as refused:
        missing = refused.code == "ResourceNotFoundException"
        print(_explain_missing_group(group, aws) if missing else refused, file=sys.stderr)
        return 1
    if environment.get("JSON"):
        print(_write_json(reading, until))
    else:
        print(f"{group} in {aws.region}\n\n{_write_text(reading, until, last)}")
    return 0


def _read_question(environment: Environment) -> Question:
    question = Question(
        user_id=environment.get("USER_ID", ""),
        organization_id=environment.get("ORG", ""),
        name=environment.get("TOOL", ""),
        outcome=environment.get("OUTCOME", ""),
        work=environment.get("WORK", ""),
    )
    question.check()
    return question


def _read_number(variable: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise InvalidQuestion(f"{variable} is {text[:80]!r}: give a number above 0, at most {most:g}")
    return number


def _explain_missing_group(group: str, aws: StageAws) -> str:
    return (
        f"there is no log group {group} in {aws.region}: make stages shows what is deployed; AppName and region "
        "come from samconfig.toml"
    )


def _write_text(reading: Reading, until: float, last: int) -> str:
    period = f"from {shown_time(reading.since)} to {shown_time(until)} UTC"
    if not reading.calls and reading.is_complete:
        return f"no calls {period}"
    listed = [_HEADINGS, *(_row(call) for call in reading.calls[:last])]
    if not any(call.work for call in reading.calls[:last]):
        listed = [row[:-1] for row in listed]
    parts = [columns(listed)]
    if (left := len(reading.calls) - last) > 0:
        parts.append(f"and {left} older lines; LAST={len(reading.calls)} lists them too")
    calls = [call for call in reading.calls if not call.is_end]
    parts.append(f"{len(calls)} calls {period}\n{_write_totals(calls)}")
    if len(calls) < len(reading.calls):
        parts.append(_write_ends(reading.calls))
    if not reading.is_complete:
        parts.append(
            "The log has more: what is older than that was not read. Ask for less, with HOURS=, USER_ID=, ORG=, "
            "TOOL= or OUTCOME=, or ask CloudWatch Logs Insights (docs/audit.md)."
        )
    return "\n\n".join(parts)


def _row(call: Call) -> tuple[str, ...]:
    texts = (call.user_id, call.organization_id, call.client_id, call.name, call.outcome, call.reason)
    took = "" if call.ms is None else f"{call.ms:.0f}"
    took = took if call.seconds is None else f"{call.seconds:.0f} s, ended"
    return (shown_time(call.time), *(printable(text, 60) for text in texts), took, printable(call.work, 60))


def _write_totals(calls: list[Call]) -> str:
    used = Counter((call.name, call.outcome) for call in calls if call.outcome != REFUSED)
    rows = [("called", "outcome", "calls")]
    rows += [
        (printable(name, 60), printable(outcome), str(count)) for (name, outcome), count in used.most_common()
    ]
    parts = [columns(rows)] if used else []
    if refused := _count_refusals(calls):
        reasons = ", ".join(f"{printable(reason)} {count}" for reason, count in refused.items())
        parts.append(f"refused, by reason (docs/refusals.md says what to do): {reasons}")
    return "\n".join(parts)


def _write_ends(calls: list[Call]) -> str:
    ends = [call for call in calls if call.is_end]
    counts = Counter((call.name, call.outcome) for call in ends)
    rows = [("background work", "outcome", "ended", "seconds at most")]
    for (name, outcome), count in counts.most_common():
        most = max(call.seconds or 0.0 for call in ends if (call.name, call.outcome) == (name, outcome))
        rows.append((printable(name, 60), printable(outcome), str(count), f"{most:.0f}"))
    return columns(rows)


def _count_refusals(calls: list[Call]) -> dict[str, int]:
    return dict(Counter(call.reason for call in calls if call.outcome == REFUSED).most_common())


def _write_json(reading: Reading, until: float) -> str:
    calls = [call for call in reading.calls if not call.is_end]
    used = Counter((call.name, call.outcome) for call in calls if call.outcome != REFUSED)
    document = {
        "since": reading.since,
        "until": until,
        "is_complete": reading.is_complete,
        "calls": [asdict(call) for call in calls],
        "ended": [asdict(call) for call in reading.calls if call.is_end],
        "totals": [{"name": name, "outcome": outcome, "calls": count} for (name, outcome), count in used.items()],
        "refused": _count_refusals(reading.calls),
    }
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    sys.exit(main(os.environ))
