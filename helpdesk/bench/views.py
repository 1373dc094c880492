"""The measuring stick: a REST framework view that asks nobody who is calling."""

from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def bare(_request: Request) -> Response:
    return Response({"success": True})
