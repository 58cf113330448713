"""The factory of the client: which upstream the settings ask for."""

from collections.abc import Mapping

from kindlechat.settings import Settings
from kindlechat.timings import Timings
from kindlechat.upstream.client import UpstreamClient
from kindlechat.upstream.demo import Say, create_demo, serve_demo
from kindlechat.upstream.gemini import Gemini, Generation


def open_client(
    settings: Settings, timings: Timings, languages: Mapping[str, Say]
) -> UpstreamClient:
    """The client for the upstream that the settings name.

    Where they name none, the demonstration is started: it speaks `languages`, which holds each
    language's sentences by its English name.
    """
    wire = Gemini(
        _start_demo(languages) if settings.demo else settings.upstream_url,
        settings.gemini_model,
        settings.gemini_api_key,
        Generation(
            settings.gemini_max_output_tokens,
            settings.gemini_temperature,
            settings.gemini_thinking_level,
            follow_ups=settings.follow_ups,
        ),
    )
    return UpstreamClient(wire, timings=timings)


def _start_demo(languages: Mapping[str, Say]) -> str:
    """Serve the demonstration in this process; returns its base URL."""
    server = serve_demo(create_demo(languages))
    return f"http://{server.server_host}:{server.server_port}"
