"""The verbs on API keys. Nobody makes or widens a key beyond his own effective rights."""

from apitokens.actions.expiry import WARN_DAYS, warn_of_all_that_expire
from apitokens.actions.keys import create_key, delete_key, edit_key, regenerate, revoke
from apitokens.actions.rotation import LONGEST_OVERLAP, end_rotation, rotate
from apitokens.actions.widening import widened

__all__ = [
    "LONGEST_OVERLAP",
    "WARN_DAYS",
    "create_key",
    "delete_key",
    "edit_key",
    "end_rotation",
    "regenerate",
    "revoke",
    "rotate",
    "warn_of_all_that_expire",
    "widened",
]
