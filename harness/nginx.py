"""A real nginx in front of the application."""

from collections.abc import Mapping
from pathlib import Path

from harness.servers import ServerProcess, free_port, is_up

CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 10000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{http}
{servers}
}}
"""


class Nginx(ServerProcess):
    """A server for each of `places`, whose values are what its block says beside its port.

    `urls` are their addresses, with `path` at the end, by the same names; the application answers at each.
    `http` is what holds for all of them. A context manager that ends it. Raises RuntimeError with its log
    where it does not start.
    """

    def __init__(
        self, folder: Path, places: Mapping[str, str], *, http: str = "", path: str = ""
    ) -> None:
        ports = {name: free_port() for name in places}
        self.urls = {name: f"http://127.0.0.1:{port}{path}" for name, port in ports.items()}
        servers = "\n".join(
            f"    server {{\n        listen 127.0.0.1:{ports[name]};\n{block}\n    }}"
            for name, block in places.items()
        )
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, http=http, servers=servers))
        super().__init__(
            ["/usr/sbin/nginx", "-c", str(configuration), "-p", str(folder)],
            folder / "nginx.log",
            {},
        )
        self.wait_until_ready()

    def ready(self) -> bool:
        return all(map(is_up, self.urls.values()))
