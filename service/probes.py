"""What a load balancer, an orchestrator or a collector of figures asks."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from service import schemas
from service.given import Given
from service.metrics import OPENMETRICS
from service.problems import RETRY_AFTER

router = APIRouter()


@router.get("/healthz", operation_id="health", summary="Whether the process lives", response_model_exclude_none=True)
async def health(given: Given) -> schemas.Status:
    """Answers without the archive and without a thread, so that no load makes a living process look dead.

    Shards that did not answer are named, and make no difference: to end this process would not bring them back.
    """
    return schemas.Status.of(given.archive.missing_shards())


@router.get(
    "/readyz",
    operation_id="ready",
    summary="Whether questions are answered without delay",
    response_model_exclude_none=True,
)
async def ready(given: Given) -> schemas.Status:
    """200 when the model is loaded and the indexes are up to the last change, 503 until then.

    Where shards do not answer and others do, questions are answered in part: 200, with the shards that are missing.
    """
    if not await given.readiness.ready():
        detail = "The archive is being prepared; try again in a few seconds."
        raise HTTPException(503, detail, {"Retry-After": RETRY_AFTER})
    return schemas.Status.of(given.archive.missing_shards())


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses={200: {"content": {OPENMETRICS.partition(";")[0]: {"schema": {"type": "string"}}}}},
)
def show_metrics(request: Request, given: Given) -> Response:
    """Requests, stages of questions, answers, the archive and the process; OpenMetrics where that is accepted."""
    content, media_type = given.metrics.exposed(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media_type, "Vary": "Accept"})
