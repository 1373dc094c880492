from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class TicketSearch(models.Model):
    """Everything a ticket can be found by, in one document: one look-up finds it, whatever the word.

    Weight A: subject, number and external id. B: contact. C: replies. D: internal notes, which those who
    may not read notes leave out of their question.
    """

    ticket = models.OneToOneField(
        "tickets.Ticket", models.CASCADE, primary_key=True, related_name="search", verbose_name="ticket"
    )
    document = SearchVectorField()

    class Meta:
        # With fastupdate a single reply would now and then wait for a second while the pending list is merged.
        indexes = [GinIndex(fields=["document"], name="search_document", fastupdate=False)]

    def __str__(self) -> str:
        return f"#{self.ticket_id}"
