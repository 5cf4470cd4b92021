"""The SNS topic to which a stage's alarms write, and the people who read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from infra.deploy.deployment import Deployment
from infra.operator.finding import Finding, changed, passed
from infra.operator.stage_aws import StageAws

_ADDRESS = re.compile(r"[^\s@\"<>,;]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
_PENDING = ("PendingConfirmation", "Deleted")
TOPIC, SUBSCRIPTION = "topic", "subscription"


class InvalidAddress(Exception):
    """EMAIL is not a mail address; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Subscription:
    protocol: str
    endpoint: str
    is_confirmed: bool

    def __str__(self) -> str:
        return f"{self.endpoint}{'' if self.is_confirmed else ', not confirmed yet'}"


@dataclass(frozen=True, slots=True)
class Topic:
    arn: str
    subscriptions: tuple[Subscription, ...]


def topic_name(deployment: Deployment) -> str:
    return f"{deployment.app_name}-{deployment.stage}-alarms"


def find_topic(aws: StageAws, name: str) -> str | None:
    """Find the ARN of a topic by its name; None if the region has none.

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    rows = (row["TopicArn"] for page in aws.pages("sns", "list_topics") for row in page.get("Topics", []))
    return next((arn for arn in rows if arn.rpartition(":")[2] == name), None)


def read_topic(aws: StageAws, arn: str) -> Topic:
    """Read who gets what is written to a topic.

    Raises:
        AwsRefused: if AWS refuses or does not answer.
    """
    pages = aws.pages("sns", "list_subscriptions_by_topic", TopicArn=arn)
    rows = [row for page in pages for row in page.get("Subscriptions", [])]
    return Topic(
        arn,
        tuple(
            Subscription(row["Protocol"], row["Endpoint"], row["SubscriptionArn"] not in _PENDING) for row in rows
        ),
    )


def tell(aws: StageAws, email: str, used: Sequence[str], *, apply: bool) -> list[Finding]:
    """Subscribe an address to the topic of the alarms, and make that topic if the stage has none.

    Without `apply` nothing is changed, and the findings say what would be. `used` are the topics to which the
    alarms write already.

    Raises:
        InvalidAddress: if the text is not a mail address.
        AwsRefused: if AWS refuses or does not answer.
    """
    if not _ADDRESS.fullmatch(email):
        raise InvalidAddress(f"EMAIL is {email[:80]!r}: give one mail address, such as EMAIL=ops@example.com")
    name = topic_name(aws.deployment)
    arn = used[0] if used else find_topic(aws, name)
    if arn is None:
        topic = changed(TOPIC, f"{'made' if apply else 'would make'} {name}")
        arn = aws.ask("sns", "create_topic", Name=name)["TopicArn"] if apply else None
    else:
        topic = passed(TOPIC, f"{arn} exists already")
    return [topic, _subscribe(aws, email, arn, apply=apply)]


def _subscribe(aws: StageAws, email: str, arn: str | None, *, apply: bool) -> Finding:
    there = read_topic(aws, arn).subscriptions if arn else ()
    if found := next((each for each in there if each.endpoint == email), None):
        return passed(SUBSCRIPTION, f"{found} is there already")
    if apply and arn:
        aws.ask("sns", "subscribe", TopicArn=arn, Protocol="email", Endpoint=email)
        return changed(SUBSCRIPTION, f"{email} gets a mail now, and alarms after opening the link in it")
    return changed(SUBSCRIPTION, f"would send {email} a mail with a link that confirms the subscription")
