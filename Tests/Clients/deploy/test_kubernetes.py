"""The manifests in Packaging/kubernetes: rendered by Kustomize, validated against the schemas of the
API, and run: a node with their command line, its volumes laid out as the kubelet does."""

import http.client
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import time

import kubernetes_validate
import pytest
import yaml
from balancers import documented
from certificates import Authority
from ports import free_port
from turnkeeper import PROGRAM, REPOSITORY, START_SECONDS, Program

DATABASE = "postgres.databases.svc"
MANIFESTS = REPOSITORY / "Packaging/kubernetes"
# The oldest that is still supported somewhere, and the newest that there are schemas of.
VERSIONS = ["1.30", kubernetes_validate.latest_version()]
FAREWELL = 10


@pytest.fixture(scope="module")
def rendered():
    """Every object, by kind and name. `kubectl` of any version has Kustomize in it."""
    if not shutil.which("kubectl"):
        pytest.fail("there is no kubectl: apt-get install kubernetes-client")
    said = subprocess.run(
        ["kubectl", "kustomize", MANIFESTS], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    objects = list(yaml.safe_load_all(said.stdout))
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


@pytest.fixture(scope="module")
def pod(rendered):
    return rendered["StatefulSet", "turnkeeper"]["spec"]["template"]


def container(pod):
    (one,) = pod["spec"]["containers"]
    return one


def test_the_page_shows_what_is_changed_first():
    assert documented("yaml") == (MANIFESTS / "kustomization.yaml").read_text()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(rendered, version):
    assert len(rendered) >= 7
    for one in rendered.values():
        kubernetes_validate.validate(one, version, strict=True)


def test_a_field_that_does_not_exist_is_found(rendered):
    broken = yaml.safe_load(yaml.safe_dump(rendered["StatefulSet", "turnkeeper"]))
    broken["spec"]["template"]["spec"]["terminationGraceSeconds"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)


def test_what_refers_to_something_refers_to_what_is_there(rendered, pod):
    labels = pod["metadata"]["labels"].items()
    names = {port["name"] for port in container(pod)["ports"]}
    nodes = rendered["StatefulSet", "turnkeeper"]
    selectors = [nodes["spec"]["selector"]["matchLabels"]]
    selectors += [rendered["PodDisruptionBudget", "turnkeeper"]["spec"]["selector"]["matchLabels"]]
    network = rendered["NetworkPolicy", "turnkeeper"]["spec"]
    selectors += [network["podSelector"]["matchLabels"]]
    services = [one for (kind, _), one in rendered.items() if kind == "Service"]
    selectors += [service["spec"]["selector"] for service in services]
    assert all(selector.items() <= labels for selector in selectors)
    used = {port["targetPort"] for service in services for port in service["spec"]["ports"]}
    used |= {port["port"] for rule in network["ingress"] for port in rule["ports"]}
    used |= {container(pod)[f"{what}Probe"]["httpGet"]["port"] for what in ("liveness", "readiness")}
    assert used == names
    assert ("Service", nodes["spec"]["serviceName"]) in rendered
    target = rendered["HorizontalPodAutoscaler", "turnkeeper"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) in rendered and "replicas" not in nodes["spec"]
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in nodes["spec"]["volumeClaimTemplates"]}
    assert {mount["name"] for mount in container(pod)["volumeMounts"]} == volumes


def test_a_node_has_time_to_drain(pod):
    words = container(pod)["lifecycle"]["preStop"]["exec"]["command"]
    assert words[0] == "sleep"
    (drain,) = [word for word in container(pod)["args"] if word.startswith("--drain=")]
    needed = int(words[1]) + int(re.search(r"\d+", drain)[0]) + FAREWELL
    assert pod["spec"]["terminationGracePeriodSeconds"] > needed - 1
    probe = container(pod)["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] < int(words[1])


def test_every_secret_that_is_read_is_one_that_is_made(rendered, pod):
    (made,) = re.findall("create secret generic turnkeeper (.*)", (REPOSITORY / "docs/DEPLOY.md").read_text())
    made = set(re.findall("--from-file=([a-z-]+)", made))
    text = yaml.safe_dump(list(rendered.values()), width=1000)
    assert set(re.findall("/etc/turnkeeper-secrets/([a-z-]+)", text)) == made


def test_no_secret_is_written_in_a_manifest(rendered):
    assert not [kind for kind, _ in rendered if kind == "Secret"]
    assert "GEMINI_API_KEY" not in yaml.safe_dump(list(rendered.values()))


class Volume:
    """As the kubelet writes it: files behind a link to a directory that is replaced whole."""

    def __init__(self, directory, mode):
        self.directory, self.mode, self.count = directory, mode, 0
        directory.mkdir(parents=True)

    def write(self, files):
        self.count += 1
        data = self.directory / f"..{self.count}"
        data.mkdir()
        for name, content in files.items():
            (data / name).write_text(content)
            (data / name).chmod(self.mode)
            link = self.directory / name
            if not link.is_symlink():
                link.symlink_to(pathlib.Path("..data") / name)
        new = self.directory / "..data_tmp"
        new.symlink_to(data.name)
        os.replace(new, self.directory / "..data")

    def open_to(self, user, group):
        for path in [self.directory, *self.directory.rglob("*")]:
            os.chown(path, user, group, follow_symlinks=False)


class Node(Program):
    """What the manifests start, as their user where this is root."""

    def __init__(self, directory, pod, secured, mode):
        postgres = secured.postgres
        directory.chmod(0o755)
        place, spec = directory / "root", pod["spec"]
        certificate, key = Authority(directory).issue()
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        secrets = {
            **{"gemini-key": "a-key-for-gemini-1", "acme-client-key": "acme-client-key-1"},
            **{"db-password": postgres.password, "admin-token": "0123456789abcdef"},
            **{"db-ca": secured.authority.ca.read_text(), "state-key": "5a" * 32 + "\n"},
        }
        self.secrets = Volume(place / "etc/turnkeeper-secrets", mode)
        self.secrets.write(secrets)
        tls = Volume(place / "etc/turnkeeper-tls", volumes["tls"]["secret"]["defaultMode"])
        tls.write({"tls.crt": certificate.read_text(), "tls.key": key.read_text()})
        self.policies = Volume(place / "etc/turnkeeper", 0o644)
        self.text = {
            path.name: path.read_text().replace("/etc/", f"{place}/etc/")
            for path in (MANIFESTS / "policies").iterdir()
        }
        self.policies.write(self.text)
        data = place / "var/lib/turnkeeper"
        data.mkdir(parents=True)
        data.chmod(0o2775)
        context = spec["securityContext"]
        self.lead = []
        if os.getuid() == 0:
            user, group = context["runAsUser"], context["fsGroup"]
            for volume in (self.secrets, tls):
                volume.open_to(0, group)
            os.chown(data, 0, group)
            data.chmod(0o2775)
            # As a container's run time has it for a user without a home.
            self.lead = ["env", "HOME=/", "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        self.ports = free_port(), free_port()
        words = [
            re.sub(r"(?<==|,)/(etc|var)/", rf"{place}/\1/", word)
            .replace("0.0.0.0:8443", f"127.0.0.1:{self.ports[0]}")
            .replace("0.0.0.0:8081", f"127.0.0.1:{self.ports[1]}")
            # The name stays, and so does what it has to prove.
            .replace(
                f"{DATABASE}/calls?",
                f"{DATABASE}:{postgres.port}/{postgres.database}?hostaddr=127.0.0.1&",
            )
            .replace("$(POD_NAME)", "turnkeeper-0")
            for word in container(pod)["args"]
        ]
        super().__init__(*words, log=directory / "node.log")
        self.port("listening on")

    def launcher(self):
        return self.lead

    def option(self, name):
        values = [word.partition("=")[2] for word in self.arguments if word.startswith(f"{name}=")]
        return values[0] if values else None

    def probe(self, path, port, headers={}):
        """As the kubelet asks: over TLS, by address, without regard to the certificate."""
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
        connection.request("GET", path, headers={"User-Agent": "kube-probe/1.30"} | headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def wait_until(holds, node):
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, node.describe()
        time.sleep(0.1)


@pytest.mark.parametrize("mode", [0o440, 0o644], ids=["0440", "0644"])
def test_a_node_starts_as_they_say(start, pod, rendered, secured, tmp_path, mode):
    postgres = secured.postgres
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["secrets"]["secret"]["defaultMode"] == 0o440
    for path in (tmp_path, *tmp_path.parents[:2], postgres.directory):
        path.chmod(path.stat().st_mode | 0o711)
    secured.certificate(secured.authority.issue(host=DATABASE))
    node = start(Node, pod, secured, mode)
    for what in ("liveness", "readiness"):
        probe = container(pod)[f"{what}Probe"]["httpGet"]
        assert probe["scheme"] == "HTTPS"
        assert node.probe(probe["path"], node.ports[0])[0] == 200
    bearer = {"Authorization": "Bearer 0123456789abcdef"}
    assert node.probe("/metrics", node.ports[1])[0] == 401
    status, metrics = node.probe("/metrics", node.ports[1], bearer)
    (metric,) = rendered["HorizontalPodAutoscaler", "turnkeeper"]["spec"]["metrics"]
    assert status == 200 and f"\n{metric['pods']['metric']['name']}{{" in metrics
    warned = "can be read by everybody" in node.log_path.read_text()
    assert warned == (mode == 0o644)
    assert "others can write the data directory" not in node.log_path.read_text()
    named = "SELECT count(*) FROM nodes WHERE name = 'turnkeeper-0'"
    wait_until(lambda: postgres.number(named) == 1, node)
    assert secured.is_encrypted() == [["t"]]
    assert postgres.number("SELECT count(*) FROM state_keys") == 1, "conversations are kept for others"
    # A changed ConfigMap comes as another directory behind the same link.
    node.policies.write({**node.text, "acme.yaml": node.text["acme.yaml"] + "mode: observe\n"})
    wait_until(lambda: "policies reloaded" in node.log_path.read_text(), node)
