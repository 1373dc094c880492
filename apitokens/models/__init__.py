from apitokens.models.key import AccessLevel, ApiKey, KeyKind, Which
from apitokens.models.request_log import RING_SIZE, LoggedRequest
from apitokens.models.usage import DailyUse, KeyUsage, SeenAddress, UsedScope

__all__ = [
    "RING_SIZE",
    "AccessLevel",
    "ApiKey",
    "DailyUse",
    "KeyKind",
    "KeyUsage",
    "LoggedRequest",
    "SeenAddress",
    "UsedScope",
    "Which",
]
