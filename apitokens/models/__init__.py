from apitokens.models.key import AccessLevel, ApiKey, KeyKind, Which
from apitokens.models.oauth import (
    AccessToken,
    Application,
    AuthorizationCode,
    ClientType,
    Consent,
    RefreshToken,
)
from apitokens.models.request_log import RING_SIZE, ConsentRequest, LoggedRequest
from apitokens.models.usage import (
    ConsentDailyUse,
    ConsentSeenAddress,
    ConsentUsage,
    ConsentUsedScope,
    DailyUse,
    KeyUsage,
    SeenAddress,
    UsedScope,
)

__all__ = [
    "RING_SIZE",
    "AccessLevel",
    "AccessToken",
    "ApiKey",
    "Application",
    "AuthorizationCode",
    "ClientType",
    "Consent",
    "ConsentDailyUse",
    "ConsentRequest",
    "ConsentSeenAddress",
    "ConsentUsage",
    "ConsentUsedScope",
    "DailyUse",
    "KeyKind",
    "KeyUsage",
    "LoggedRequest",
    "RefreshToken",
    "SeenAddress",
    "UsedScope",
    "Which",
]
