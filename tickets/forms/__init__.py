"""What agents send from the workspace, checked before a verb hears of it."""

from tickets.forms.changes import (
    AssigneeForm,
    ChangeForm,
    FillInForm,
    LanguageForm,
    PriorityForm,
    StatusForm,
    SubjectForm,
    TagsForm,
    TeamForm,
)
from tickets.forms.fields import MAX_TAG, MAX_TAGS, MAX_TOGETHER, FilesField, TagNamesField, assignable
from tickets.forms.opening import NewTicketForm
from tickets.forms.views import SavedViewForm
from tickets.forms.writing import DraftForm, MessageForm, UploadForm

__all__ = [
    "MAX_TAG",
    "MAX_TAGS",
    "MAX_TOGETHER",
    "AssigneeForm",
    "ChangeForm",
    "DraftForm",
    "FilesField",
    "FillInForm",
    "LanguageForm",
    "MessageForm",
    "NewTicketForm",
    "PriorityForm",
    "SavedViewForm",
    "StatusForm",
    "SubjectForm",
    "TagNamesField",
    "TagsForm",
    "TeamForm",
    "UploadForm",
    "assignable",
]
