"""What many sessions need, reckoned from measured costs: the tables of docs/SCALING.md, two sentences of DEPLOY.md, one
of OPERATING.md, and the target of Kubernetes' autoscaler.

    python3 Benchmarks/capacity.py            writes them into the pages
    python3 Benchmarks/capacity.py --check    fails if the pages say anything else

Measured figures are read where they were written: RESULTS.md, budget.json, ledger_rows.json.
"""

import json
import math
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
# A second, of one CPU: 3 GHz, one per cycle.
INSTRUCTIONS = 3e9
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def cell(section, row, column):
    """A median in a table of RESULTS.md."""
    part = (HERE / "RESULTS.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    line = next(one for one in part.splitlines() if one.startswith(f"| {row} |"))
    return float(re.match(r"[\d.]+", line.split("|")[column].strip())[0])


def measured():
    """Of one session and one turn, as the benchmarks found it."""
    # What is kept of conversations is deleted two hours later; it counts as writing, not as ledger.
    both = json.loads((HERE / "ledger_rows.json").read_text())
    books, rows = both["books"], both["books and conversations"]
    budget = json.loads((HERE / "budget.json").read_text())
    return {
        "cpu per message": cell("Voice load, TLS to the upstream", "Turnkeeper", 2) / 1e6,
        "balancer cpu per message": cell("Voice load", "HAProxy", 2) / 1e6,
        "idle KiB": cell("Memory per idle session", "Turnkeeper", 4),
        "instructions up": budget["audio-tls"]["instructions"],
        "instructions down": budget["burst-tls"]["instructions"],
        # The benchmark of messages keeps no ledger.
        "ledger cpu per turn": budget["ledger"]["instructions"] / INSTRUCTIONS,
        "rows per turn": sum(rows["rows per turn"].values()),
        "rows per session": sum(rows["rows per session"].values()),
        "bytes per turn": books["bytes per turn"],
        "bytes per session": books["bytes per session of one turn"],
        "wal per turn": rows["bytes of WAL per turn"],
        "wal per session": rows["bytes of WAL per session of one turn"],
        "database cpu per turn": rows["microseconds of CPU per turn"] / 1e6,
        "database cpu per session": rows["microseconds of CPU per session of one turn"] / 1e6,
        "database cpu of an idle node": rows["microseconds of CPU per second of an idle node"] / 1e6,
        "kept bytes per turn": rows["bytes per turn"] - books["bytes per turn"],
        "kept wal per turn": rows["bytes of WAL per turn"] - books["bytes of WAL per turn"],
        "kept cpu per turn": max(0, rows["microseconds of CPU per turn"] - books["microseconds of CPU per turn"]) / 1e6,
    }


# What is assumed, with a reason each; docs/SCALING.md shows it.
ASSUMED = {
    "pieces a second from a client": (50, "20 ms of 16 kHz each; SDKs send 10 to 50"),
    "frames a second to a client while the model speaks": (25, "40 ms of 24 kHz each"),
    "share of the time that the model speaks": (0.4, "and the user as long"),
    "seconds from turn to turn": (15, ""),
    "minutes of a session": (10, "3 to 14 in users' reports"),
    "tokens of context in an average turn": (2500, "3,000 to 7,000 at a session's end"),
    "share of a CPU that is used at the peak": (0.6, "the rest is for a node that fails, and for bursts"),
    "CPUs of a node": (8, ""),
    "Gbit/s of a balancer": (25, "half of it used"),
    "CPUs of a database": (32, ""),
    "TB of disk of a database": (20, "what is still restored within a day"),
    "commits a second of a database": (250, "one at a time, 2 ms each, half of the time"),
    "seconds that a NAT remembers a connection": (120, "after its end: TIME_WAIT"),
    "ms of CPU to begin a session": (2, "TLS to Gemini, and half a million instructions of ours"),
    "days that the ledger is kept": (30, "the default is 90"),
    "US$ per CPU and hour": (0.04, "list prices of large clouds, 2026-11"),
    "US$ per GB out": (0.08, ""),
    "US$ per GB and month of disk": (0.12, ""),
}
A = {name: value for name, (value, _) in ASSUMED.items()}

# docs/COST.md: a minute that the user, and that the model speaks; 3.1 and 3.8.
GEMINI_IN, GEMINI_OUT, AUDIO_IN = 0.0045, 0.0180, 3.00e-6
# Sessions, and tokens a minute, of one project (sources in docs/SCALING.md).
PROJECT_SESSIONS, PROJECT_TOKENS = 1000, 4_000_000
# Of one address towards one other: 65,536 less those below 1024.
NAT_PORTS = 64_512


def session(m):
    """What one session costs in a second, unless its name says otherwise."""
    speaks, pace = A["share of the time that the model speaks"], A["seconds from turn to turn"]
    up = A["pieces a second from a client"]
    down = A["frames a second to a client while the model speaks"] * speaks
    # Base64, and about 100 bytes of JSON and frame around it.
    bytes_up = 16_000 * 2 * 4 / 3 + 100 * up
    bytes_down = 24_000 * 2 * 4 / 3 * speaks + 100 * down
    begins = 1 / (A["minutes of a session"] * 60)
    return {
        "messages": up + down,
        "cpu": (up + down) * m["cpu per message"] + m["ledger cpu per turn"] / pace,
        "user cpu": (up * m["instructions up"] + down * m["instructions down"]) / INSTRUCTIONS,
        "balancer cpu": (up + down) * m["balancer cpu per message"],
        # Its buffers, and what gemini has not answered yet: half of what the user says.
        "KiB": m["idle KiB"] + bytes_up * speaks * pace / 2 / 1024,
        "bytes up": bytes_up,
        "bytes down": bytes_down,
        "turns": 1 / pace,
        "rows": m["rows per turn"] / pace + m["rows per session"] * begins,
        "ledger bytes": m["bytes per turn"] / pace + m["bytes per session"] * begins,
        "wal": m["wal per turn"] / pace + m["wal per session"] * begins,
        # Two hours of sessions that have ended, each with all its turns.
        "kept bytes": m["kept bytes per turn"] * 7200 / pace,
        "database cpu": m["database cpu per turn"] / pace + m["database cpu per session"] * begins,
        "idle node": m["database cpu of an idle node"],
        "tokens a minute": A["tokens of context in an average turn"] * 60 / pace,
        # Of speech alone, and with the context that is billed again with every turn.
        "gemini": speaks / 60 * (GEMINI_IN + GEMINI_OUT),
        "gemini with context": speaks / 60 * GEMINI_OUT
        + A["tokens of context in an average turn"] / pace * AUDIO_IN,
    }


def fleet(sessions, one):
    """What so many at once need."""
    used = A["share of a CPU that is used at the peak"]
    cpus = sessions * one["cpu"] / used
    nodes = max(2, math.ceil(cpus / A["CPUs of a node"]) + 1)
    gbits = sessions * (one["bytes up"] + one["bytes down"]) * 8 / 1e9
    disk = sessions * one["ledger bytes"] * 86_400 * A["days that the ledger is kept"] / 1e12
    database_cpus = (sessions * one["database cpu"] + nodes * one["idle node"]) / used
    demands = {
        "CPU": database_cpus / A["CPUs of a database"],
        "commits": nodes / A["commits a second of a database"],
        "disk": (disk + sessions * one["kept bytes"] / 1e12) / A["TB of disk of a database"],
    }
    databases = max(1, math.ceil(max(demands.values())))
    month = 730
    return {
        "CPUs": cpus,
        "nodes": nodes,
        "sessions a node": sessions / nodes,
        "GiB a node": sessions / nodes * one["KiB"] / 2**20,
        "sockets a node": 2 * sessions / nodes,
        "Gbit/s": gbits,
        # The NAT remembers those that have ended; a tenth is for a node's redials.
        "addresses": math.ceil(
            sessions * (1 + A["seconds that a NAT remembers a connection"] / A["minutes of a session"] / 60) / NAT_PORTS / 0.9),
        "balancers": max(2, math.ceil(gbits / A["Gbit/s of a balancer"] / 0.5)),
        "balancer CPUs": sessions * one["balancer cpu"] / used,
        "turns": sessions * one["turns"],
        "rows": sessions * one["rows"],
        "commits": nodes,
        "wal": sessions * one["wal"] / 1e6,
        "database CPUs": database_cpus,
        "TB": disk,
        "kept GB": sessions * one["kept bytes"] / 1e9,
        "databases": databases,
        "why": max(demands, key=demands.get),
        "projects": math.ceil(sessions / PROJECT_SESSIONS),
        "projects by tokens": math.ceil(sessions * one["tokens a minute"] / PROJECT_TOKENS),
        "$ CPUs": (cpus + sessions * one["balancer cpu"] / used + database_cpus)
        * A["US$ per CPU and hour"],
        "$ disk": disk * 1000 * A["US$ per GB and month of disk"] / month,
        "$ out": sessions * one["bytes down"] * 3600 / 1e9 * A["US$ per GB out"],
        "$ up": sessions * one["bytes up"] * 3600 / 1e9 * A["US$ per GB out"],
        "$ gemini": sessions * one["gemini"] * 3600,
        "$ gemini with context": sessions * one["gemini with context"] * 3600,
    }


def number(value):
    """With three digits that count; whole if it counts something."""
    if isinstance(value, int):
        return f"{value:,}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, 2 - math.floor(math.log10(abs(value)))):,.{digits}f}"


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", "|" + "---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + [f"| {' | '.join(map(str, row))} |" for row in rows])


def render():
    """The tables, by the name of their place in the page."""
    m = measured()
    one = session(m)
    fleets = [fleet(size, one) for size in SIZES]
    costs = [
        ("messages a second, both ways", number(one["messages"]), "assumed"),
        ("CPU, ms a second", number(one["cpu"] * 1e3), f"{number(m['cpu per message'] * 1e6)} s per million messages, TLS to Gemini ([RESULTS](../Benchmarks/RESULTS.md)); {number(one['user cpu'] * 1e3)} of it are our own instructions at their budget; and the ledger's {number(m['ledger cpu per turn'] * 1e6)} µs a turn"),
        ("memory, KiB", number(one["KiB"]), f"{number(m['idle KiB'])} idle with TLS to Gemini, and what waits for an answer"),
        ("sessions a CPU, all of it used", number(1 / one["cpu"]), "from the CPU above"),
        ("sessions a GiB, talking", number(2**20 / one["KiB"]), "from the memory above"),
        ("sessions a GiB, idle", number(2**20 / m["idle KiB"]), "with TLS to Gemini"),
        ("sockets", 2, "the client's and Gemini's"),
        ("KB a second up, down", f"{number(one['bytes up'] / 1e3)}, {number(one['bytes down'] / 1e3)}", "Base64 of 16 and 24 kHz"),
        ("rows per turn, per session", f"{number(m['rows per turn'])}, {number(m['rows per session'])}", "[ledger_rows.py](../Benchmarks/ledger_rows.py), PostgreSQL 15"),
        ("bytes per turn, per session", f"{number(m['bytes per turn'])}, {number(m['bytes per session'])}", "tables and indexes, with transcripts; the same run"),
        ("bytes of WAL per turn", number(m["wal per turn"]), f"the same run; {number(m['kept wal per turn'])} of it are the conversation, written again"),
        ("database CPU per turn, µs", number(m["database cpu per turn"] * 1e6), f"the same run; {number(m['kept cpu per turn'] * 1e6)} of it are the conversation"),
        ("database CPU of a node at rest, ms a second", number(m["database cpu of an idle node"] * 1e3), "its rounds; the same run"),
    ]
    wanted = [
        ("turns a second", "turns"), ("CPUs of nodes", "CPUs"), ("nodes, one of them spare", "nodes"),
        ("sessions a node", "sessions a node"), ("GiB of memory a node", "GiB a node"),
        ("sockets a node", "sockets a node"), ("Gbit/s to the clients, and again to Gemini", "Gbit/s"),
        ("balancers", "balancers"), ("CPUs of balancers", "balancer CPUs"),
        ("addresses of a NAT in front of Gemini", "addresses"),
        ("rows a second", "rows"), ("batches of the ledger a second, each a commit", "commits"), ("MB of WAL a second", "wal"),
        ("CPUs of databases", "database CPUs"), ("TB of ledger", "TB"), ("GB of conversations", "kept GB"), ("databases", "databases"),
        ("decided by", "why"), ("Gemini projects, by sessions", "projects"),
        ("Gemini projects, by tokens", "projects by tokens"),
    ]
    money = [
        ("CPUs", "$ CPUs"), ("disk of the ledger", "$ disk"), ("traffic to clients", "$ out"),
        ("traffic to Gemini from another cloud", "$ up"), ("Gemini, speech alone", "$ gemini"),
        ("Gemini, with all context again in every turn, as audio", "$ gemini with context"),
    ]

    def shown(value):
        return value if isinstance(value, str) else number(value)

    head = [f"{size:,}" for size in SIZES]
    return {
        "assumed": table(["assumed", "", ""], [(name, shown(value), why) for name, (value, why) in ASSUMED.items()]),
        "session": table(["one session", "", "from"], costs),
        "fleet": table(["sessions at once", *head], [(name, *(shown(f[key]) for f in fleets)) for name, key in wanted]),
        "money": table(["US$ an hour", *head], [(name, *(shown(f[key]) for f in fleets)) for name, key in money]),
    }


def sizing():
    """What a thousand sessions at once are to a PostgreSQL, in a sentence."""
    m = measured()
    one = session(m)
    thousand = fleet(1000, one)
    kept = m["kept wal per turn"] / m["wal per turn"]
    gigabytes = thousand["TB"] * 1000 / A["days that the ledger is kept"]
    return (
        f"A turn is {m['rows per turn']:.1f} rows and {number(m['bytes per turn'] / 1e3)} KB with its transcript, indexes included, "
        f"and a session {m['rows per session']:.1f} rows more; 1,000 sessions at once, talking, write {number(thousand['rows'])} rows "
        f"and {number(thousand['wal'])} MB of WAL a second, {kept:.0%} of it for conversations that outlive a node, "
        f"which needs {number(thousand['database CPUs'])} CPUs, and fill {number(gigabytes)} GB a day."
    )


MANIFESTS = HERE.parent / "Packaging/kubernetes"
TARGET = re.compile(r'(averageValue: ")(\d+)(")')


def target():
    """How many sessions a pod has, on average, when the autoscaler adds another: with them, the share of the CPUs that it
    requests is used which leaves room for bursts, and for the sessions of a node that fails."""
    cpus = float(re.search(r'requests: \{ cpu: "([\d.]+)"', (MANIFESTS / "nodes.yaml").read_text())[1])
    most = cpus * A["share of a CPU that is used at the peak"] / session(measured())["cpu"]
    return int(most // 10 * 10), cpus


def scale():
    """Writes the target into the manifest; with --check, fails if it is not there."""
    path = MANIFESTS / "scaling.yaml"
    text = path.read_text()
    assert len(TARGET.findall(text)) == 1, "scaling.yaml has no target"
    made = TARGET.sub(rf"\g<1>{target()[0]}\g<3>", text)
    if "--check" not in sys.argv:
        path.write_text(made)
    elif text != made:
        sys.exit(f"{path.name} does not have the target that Benchmarks/capacity.py finds, {target()[0]}: run it")


def scaling():
    """When the autoscaler adds a node, in a sentence."""
    sessions, cpus = target()
    share = A["share of a CPU that is used at the peak"]
    return (
        f"The autoscaler adds nodes when they have {sessions:,} sessions on average (`turnkeeper_sessions_active`, from Prometheus "
        f"through an adapter): as many talking sessions use {share:.0%} of the {cpus:g} CPU that a node requests. If you change "
        "`requests`, change the target with it."
    )


def idle():
    """What a session keeps that says nothing, in a sentence."""
    plain, secure = [
        [cell("Memory per idle session", "Turnkeeper", column) for column in columns] for columns in ((3, 2), (5, 4))
    ]
    return (
        f"An idle session takes {plain[0]:.1f} to {plain[1]:.1f} KiB of memory without TLS and {secure[0]:.1f} to {secure[1]:.1f} KiB "
        "with TLS to gemini, where there are 5,000 of them, or 1,000 ([measured](../Benchmarks/RESULTS.md))."
    )


def publish(made, script, page="SCALING.md"):
    """Writes what was made into the page by the names of its places; with --check, fails if it is not there."""
    path = DOCS / page
    before = path.read_text()
    text = before
    for name, words in made.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        assert len(place.findall(text)) == 1, f"docs/{page} has no place for {name}"
        text = place.sub(lambda match: match[1] + words + match[2], text)
    if "--check" not in sys.argv:
        path.write_text(text)
    elif text != before:
        sys.exit(f"docs/{page} is not what Benchmarks/{script} finds: run it, and read the page again")


if __name__ == "__main__":
    publish(render(), "capacity.py")
    publish({"sizing": sizing(), "autoscaler": scaling()}, "capacity.py", "DEPLOY.md")
    publish({"idle": idle()}, "capacity.py", "OPERATING.md")
    scale()
