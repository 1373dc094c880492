"""How static files are named and compressed for production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    # ES modules import one another by file name: those names must be replaced by the hashed ones too.
    support_js_module_import_aggregation = True
