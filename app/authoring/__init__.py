"""Everything that tools, prompts, resources, their dependencies and their tests import of this server.

Importing it is cheap: the WorkOS SDK and boto3 are loaded by the first call that needs them.
"""

from app.access.cache import Undecidable
from app.access.grants import CurrentGrants, Grants, get_grants
from app.access.requirements import (
    DeclarationError,
    all_of,
    any_of,
    anyone,
    api_key,
    check,
    flag,
    machine,
    organization,
    permission,
    role,
    scope,
    user,
)
from app.auth.session import CurrentSession, NoSession, Session, get_session
from app.authoring.account import Account, AccountNotConnected, connected
from app.authoring.ask import CANNOT, Ask, Cancelled, CurrentAsk, Declined, Model, NoCallToAsk, get_ask
from app.authoring.call import Call, CurrentCall, Level, NoCall, get_call
from app.authoring.complete import Complete
from app.authoring.connections import Connections, CurrentConnections, get_connections
from app.authoring.content import (
    Annotations,
    Audio,
    BigInt,
    Content,
    Embedded,
    Image,
    Link,
    Result,
    Role,
    Text,
)
from app.authoring.errors import ContentError, PromptError, ResourceError, ResourceNotFound, StepFailed, ToolError
from app.authoring.icons import Icon, Icons
from app.authoring.identity import Identity
from app.authoring.pages import UI
from app.authoring.prompt import Message, prompt
from app.authoring.request import CallerRequest, CurrentRequest, HeaderRefused, NoRequest, get_request
from app.authoring.resource import resource
from app.authoring.secret import get_secret, secret
from app.authoring.session import make_session
from app.authoring.settings import EnvironmentSettings
from app.authoring.tool import tool
from app.authoring.work import Background, CurrentWork, NoWork, Work, get_work
from app.current import CallerError
from app.workos.client import CurrentUser, NoAnswerForCaller, NoUser, WorkOS, get_client, get_user
from app.workos.tenant import CurrentTenant, NoOrganization, Tenant, get_tenant

__all__ = [
    "CANNOT",
    "UI",
    "Account",
    "AccountNotConnected",
    "Annotations",
    "Ask",
    "Audio",
    "Background",
    "BigInt",
    "Call",
    "CallerError",
    "CallerRequest",
    "Cancelled",
    "Complete",
    "Connections",
    "Content",
    "ContentError",
    "CurrentAsk",
    "CurrentCall",
    "CurrentConnections",
    "CurrentGrants",
    "CurrentRequest",
    "CurrentSession",
    "CurrentTenant",
    "CurrentUser",
    "CurrentWork",
    "DeclarationError",
    "Declined",
    "Embedded",
    "EnvironmentSettings",
    "Grants",
    "HeaderRefused",
    "Icon",
    "Icons",
    "Identity",
    "Image",
    "Level",
    "Link",
    "Message",
    "Model",
    "NoAnswerForCaller",
    "NoCall",
    "NoCallToAsk",
    "NoOrganization",
    "NoRequest",
    "NoSession",
    "NoUser",
    "NoWork",
    "PromptError",
    "ResourceError",
    "ResourceNotFound",
    "Result",
    "Role",
    "Session",
    "StepFailed",
    "Tenant",
    "Text",
    "ToolError",
    "Undecidable",
    "Work",
    "WorkOS",
    "all_of",
    "any_of",
    "anyone",
    "api_key",
    "check",
    "connected",
    "flag",
    "get_ask",
    "get_call",
    "get_client",
    "get_connections",
    "get_grants",
    "get_request",
    "get_secret",
    "get_session",
    "get_tenant",
    "get_user",
    "get_work",
    "machine",
    "make_session",
    "organization",
    "permission",
    "prompt",
    "resource",
    "role",
    "scope",
    "secret",
    "tool",
    "user",
]
