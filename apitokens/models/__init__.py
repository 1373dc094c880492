from apitokens.models.key import AccessLevel, ApiKey, KeyKind
from apitokens.models.request_log import RING_SIZE, LoggedRequest
from apitokens.models.usage import KeyUsage

__all__ = ["RING_SIZE", "AccessLevel", "ApiKey", "KeyKind", "KeyUsage", "LoggedRequest"]
