"""Debian's balancers, each with the configuration that docs/DEPLOY.md prints for it.

Only what belongs to the reader's machine is replaced: addresses, ports and the certificate's path.
"""

import os
import re
import socket
import ssl
import time

from ports import free_port
from turnkeeper import REPOSITORY, START_SECONDS, Program

HOST = "voice.example.com"


def documented(language, holding=""):
    """The block of that language with those words; there is exactly one."""
    page = (REPOSITORY / "docs/DEPLOY.md").read_text()
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if holding in block]
    return block


CHECKED = 3


class Balancer(Program):
    """One that clients reach with TLS on `listening`, in front of `nodes`: two ports. `files` are a
    certificate of `authority` for HOST and its key; `passes_tls` if the nodes have them. `retries` if
    a newcomer whom a node refuses with 503 is sent to another; else it learns of a drain by the next
    check, CHECKED seconds later."""

    language, program = "", ""
    holding = ""
    passes_tls = False
    retries = True

    def __init__(self, directory, nodes, authority, files, change=lambda text: text):
        self.directory, self.listening = directory, free_port()
        certificate, key = files
        self.ca = authority.ca
        both = directory / "both.pem"
        both.write_bytes(certificate.read_bytes() + key.read_bytes())
        text = change(documented(self.language, self.holding))
        places = {
            "10.0.0.11:8080": f"127.0.0.1:{nodes[0]}",
            "10.0.0.12:8080": f"127.0.0.1:{nodes[1]}",
            "10.0.0.11:8443": f"127.0.0.1:{nodes[0]}",
            "10.0.0.12:8443": f"127.0.0.1:{nodes[1]}",
            "/etc/ssl/turnkeeper/cert.pem": certificate,
            "/etc/ssl/turnkeeper/key.pem": key,
            "/etc/ssl/turnkeeper/both.pem": both,
            "/etc/ssl/turnkeeper/ca.pem": authority.ca,
        }
        for documented_place, place in places.items():
            text = text.replace(documented_place, str(place))
        configuration = directory / self.language
        configuration.write_text(self.here(text))
        super().__init__(
            *self.options(configuration), log=directory / "balancer.log", program=self.program
        )
        self.wait()

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                return socket.create_connection(("127.0.0.1", self.listening), 1).close()
            except OSError:
                time.sleep(0.05)
        self.end()
        raise AssertionError(self.describe())

    def trust(self):
        return ssl.create_default_context(cafile=self.ca)


class Nginx(Balancer):
    language, program = "nginx", "/usr/sbin/nginx"

    def here(self, text):
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{self.listening} ssl;")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {self.directory}/{kind};\n" for kind in kinds)
        user = "user root;\n" if os.getuid() == 0 else ""
        return (
            f"{user}daemon off;\nworker_processes 1;\npid {self.directory}/pid;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{paths}{text}}}\n"
        )

    def options(self, configuration):
        return "-e", "stderr", "-p", self.directory, "-c", configuration


class HAProxy(Balancer):
    language, program = "haproxy", "/usr/sbin/haproxy"
    holding = "mode http"

    def here(self, text):
        return re.sub(r"bind :443\b", f"bind 127.0.0.1:{self.listening}", text)

    def options(self, configuration):
        return "-db", "-f", configuration


class HAProxyPassingTLS(HAProxy):
    """It says in a PROXY header whose the bytes are, and opens none of them."""

    holding = "mode tcp"
    passes_tls = True
    retries = False


class Caddy(Balancer):
    language, program = "caddyfile", "/usr/bin/caddy"
    retries = False

    def here(self, text):
        return (
            f"{{\n\tadmin off\n\tauto_https disable_redirects\n\thttps_port {self.listening}\n"
            f"\tstorage file_system {self.directory}\n\tskip_install_trust\n}}\n{text}"
        )

    def options(self, configuration):
        return "run", "--adapter", "caddyfile", "--config", configuration


ALL = [Nginx, HAProxy, HAProxyPassingTLS, Caddy]
