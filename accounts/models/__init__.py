from accounts.models.agent import AfterSending, Agent, AgentKind, SendsAs
from accounts.models.attempt import AttemptWindow
from accounts.models.contact import Contact, ContactEmail, Organization
from accounts.models.custom_field import CustomField, Thing
from accounts.models.field_values import FieldKind
from accounts.models.helpdesk import HelpdeskSettings, Plan
from accounts.models.idempotency import IdempotentRequest
from accounts.models.link import LinkPurpose, SignInLink
from accounts.models.notification import Notification, NotificationChoice
from accounts.models.role import Reach, Role
from accounts.models.second_step import RecoveryCode, SecondStep
from accounts.models.session import Session
from accounts.models.team import Team

__all__ = [
    "AfterSending",
    "Agent",
    "AgentKind",
    "AttemptWindow",
    "Contact",
    "ContactEmail",
    "CustomField",
    "FieldKind",
    "HelpdeskSettings",
    "IdempotentRequest",
    "LinkPurpose",
    "Notification",
    "NotificationChoice",
    "Organization",
    "Plan",
    "Reach",
    "RecoveryCode",
    "Role",
    "SecondStep",
    "SendsAs",
    "Session",
    "SignInLink",
    "Team",
    "Thing",
]
