"""Each operation is a span of OpenTelemetry's, and each statement of its one below it: names and times, no values.

Spans are made once the answer has left, of what was noted meanwhile, and sent by a thread of the SDK's own. Where they
go, and how many of them, is said to the SDK by its own variables (``OTEL_EXPORTER_OTLP_ENDPOINT``,
``OTEL_TRACES_SAMPLER``). Its packages are an extra: whoever imports this has them.
"""

import time
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, set_span_in_context

from sghss_graphql.machinery.web.metrics import About


class Traces:
    """What tells a collector of operations; spans go where OpenTelemetry's variables say."""

    def __init__(self) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": "sghss-graphql"}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("sghss_graphql", version("sghss-graphql"))

    def tell(self, request_id: str, status: int, seconds: float, about: About) -> None:
        """Tell of one operation that is answered, and of its statements."""
        ended = time.time_ns()
        span = self._tracer.start_span(
            f"graphql {about.operation}".rstrip(),
            kind=SpanKind.SERVER,
            start_time=ended - int(seconds * 1e9),
            attributes={
                "graphql.operation.name": about.operation,
                "http.response.status_code": status,
                "sghss.request_id": request_id,
                "enduser.id": about.caller,
                "sghss.statements": about.statements,
            },
        )
        if span.is_recording():
            above = set_span_in_context(span)
            for ran in about.ran or ():
                below = self._tracer.start_span(ran.name, above, kind=SpanKind.CLIENT, start_time=ran.began)
                below.end(ran.ended)
        span.end(ended)

    def end(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()
