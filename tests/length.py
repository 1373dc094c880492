"""Tests that take long: `make test` skips them and says so, `make contract` and `.ci/run` run them."""

import os

import pytest

at_length = pytest.mark.skipif(
    not os.environ.get("CONTRACT_CASES"),
    reason="It takes long: `make contract` runs it, and so does .ci/run.",
)
