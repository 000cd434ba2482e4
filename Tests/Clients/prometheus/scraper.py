"""A real Prometheus (Debian's) with nothing but a proxy or two to look at."""

import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import turnkeeper
from ports import free_port

DEV = pathlib.Path(turnkeeper.PROGRAM).with_name("dev")

# Rules look back so many times less than in use, and wait so many times less before they fire.
HASTE = 60
WINDOW, RANGE = "10s", "60s"


class Prometheus:
    """Scrapes and evaluates every second, on loopback only; ended by its process id."""

    def __init__(self, directory, targets):
        self.directory = directory
        made = subprocess.run(
            [DEV, "dashboards", "--rehearsal", directory]
            + ["--haste", str(HASTE), "--window", WINDOW, "--range", RANGE],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert made.returncode == 0, made
        lines = (directory / "panels.jsonl").read_text().splitlines()
        self.panels = [json.loads(line) for line in lines]
        (directory / "prometheus.yaml").write_text(configuration(targets))
        self.port = free_port()
        self.log = open(directory / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={directory / 'prometheus.yaml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self._await_ready()

    def _await_ready(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.end()
        raise AssertionError((self.directory / "prometheus.log").read_text()[-2000:])

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.log.close()

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}", timeout=20
        ) as answer:
            return json.load(answer)["data"]

    def series(self, query, start, end, step=1):
        """Labels and (time, value) pairs of every series over a range of time."""
        data = self.ask("query_range", query=query, start=start, end=end, step=step)
        return [
            (one["metric"], [(float(time), float(value)) for time, value in one["values"]])
            for one in data["result"]
        ]

    def value(self, query):
        """The sum of what a query gives now."""
        return sum(float(one["value"][1]) for one in self.ask("query", query=query)["result"])

    def await_value(self, query, value, seconds=30):
        deadline = time.monotonic() + seconds
        while self.value(query) != value or self.alerts():
            assert time.monotonic() < deadline, f"{query} is not {value}"
            time.sleep(0.2)

    def alerts(self):
        """The name, without the program's, and the labels of everything that fires now."""
        return [
            (alert["labels"]["alertname"].removeprefix("Turnkeeper"), alert["labels"])
            for alert in self.ask("alerts")["alerts"]
            if alert["state"] == "firing"
        ]


def configuration(targets):
    return f"""
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: turnkeeper
    static_configs: [{{ targets: {json.dumps(targets)} }}]
"""
