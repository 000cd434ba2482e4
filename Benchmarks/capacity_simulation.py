"""Plays seven minutes of the fleets that capacity.py reckons: do they hold when a node dies, and when the
database is away for a minute? It has the measured costs and the assumptions of capacity.py, and adds
what multiplication leaves out: chance, queues, redials, and connections that a NAT remembers.

    python3 Benchmarks/capacity_simulation.py            writes its table into docs/SCALING.md
    python3 Benchmarks/capacity_simulation.py --check    fails if the page says anything else

Both fail if a fleet does not hold, or if one with too little of something does.
"""

import dataclasses
import math
import random
import sys

from capacity import A, NAT_PORTS, SIZES, fleet, measured, number, publish, session, table

# Seconds. What passes within a step is not seen: latencies are measured, in RESULTS.md.
STEP = 0.25
LENGTH = 420
KILLED_AT, BACK_AT = 60, 75
AWAY_FROM, AWAY_UNTIL = 150, 210
CAUGHT_UP_BY = 360
# A balancer is lost from here on.
BALANCER_LOST_AT = 240
# What a client waits before it redials, at most (decision 50 measured 1.2 on average).
REDIAL = 2
# Of a row in a transaction of a node's ledger.
BATCH = 1000


@dataclasses.dataclass
class Means:
    """What a fleet has."""

    sessions: int
    nodes: int
    databases: int
    balancers: int
    addresses: int


def reckoned(sessions, one):
    found = fleet(sessions, one)
    return Means(sessions, found["nodes"], found["databases"], found["balancers"], found["addresses"])


@dataclasses.dataclass
class Seen:
    """The worst of a run."""

    # Share of a node's CPUs, of the busiest node, over a second: as a rule, and with the dead one's sessions.
    cpu: float = 0
    cpu_after_kill: float = 0
    # Seconds that work has waited for a node's CPUs, and for the database's.
    node_wait: float = 0
    database_wait: float = 0
    # Seconds from a row's arrival at the ledger until it was committed.
    ledger_wait: float = 0
    # Seconds from the database's return until no row of the outage waits.
    catching_up: float = math.inf
    # Rows in the fullest spool.
    spool: float = 0
    # Shares of what there is.
    ports: float = 0
    balancer: float = 0

    def broken(self):
        """What did not hold, by name."""
        rules = {
            "nodes": self.node_wait <= 1,
            "databases": self.database_wait <= 1 and self.ledger_wait <= 5 and self.catching_up <= CAUGHT_UP_BY - AWAY_UNTIL,
            "addresses": self.ports <= 1,
            "balancers": self.balancer <= 1,
        }
        return [name for name, holds in rules.items() if not holds]


def around(mean, rng, variance=None):
    """A count with this mean; Poisson's variance unless it says otherwise."""
    return max(0.0, rng.gauss(mean, math.sqrt(mean if variance is None else variance))) if mean > 0 else 0.0


class Database:
    """Transactions of ledgers end one after another, all the rest runs beside each other."""

    def __init__(self):
        self.free = 0.0
        self.backlog = 0.0

    def commit(self, now):
        self.free = max(self.free, now) + 0.5 / A["commits a second of a database"]
        return self.free


def play(means, m, one, seed=1):
    rng, seen = random.Random(seed), Seen()
    nodes = range(means.nodes)
    sessions = [means.sessions / means.nodes] * means.nodes
    backlog, second = [0.0] * means.nodes, [0.0] * means.nodes
    waiting, next_commit = [0.0] * means.nodes, [rng.random() for _ in nodes]
    oldest = [0.0] * means.nodes
    databases = [Database() for _ in range(means.databases)]
    remembered = 0.0
    redialing = 0.0
    up, down = A["pieces a second from a client"], A["frames a second to a client while the model speaks"]
    speaks, life = A["share of the time that the model speaks"], A["minutes of a session"] * 60
    cpus = A["CPUs of a node"]
    database_cpu = A["CPUs of a database"]

    for tick in range(round(LENGTH / STEP)):
        now = tick * STEP
        dead = 0 if KILLED_AT <= now < BACK_AT else None
        if tick == round(KILLED_AT / STEP):
            redialing, sessions[0] = sessions[0], 0.0
            # Its connections are gone at once; what it had committed is in the database.
            remembered += redialing
            backlog[0] = waiting[0] = 0.0
        alive = [node for node in nodes if node != dead]
        # Balancers give the next session to the node with the fewest.
        again = min(redialing, means.sessions / means.nodes * STEP / REDIAL)
        redialing -= again
        ended = [around(sessions[node] * STEP / life, rng) for node in nodes]
        arriving = again + sum(ended)
        dials = [0.0] * means.nodes
        total = sum(sessions) - sum(ended) + arriving
        room = [max(0.0, total / len(alive) - sessions[node] + ended[node]) if node != dead else 0.0 for node in nodes]
        for node in nodes:
            dials[node] = arriving * room[node] / (sum(room) or 1)
            sessions[node] += dials[node] - ended[node]
        # A NAT keeps a port for as long after the connection's end as TCP may still see its segments.
        remembered += sum(ended) - remembered * STEP / A["seconds that a NAT remembers a connection"]
        seen.ports = max(seen.ports, (sum(sessions) + remembered) / (means.addresses * NAT_PORTS))

        is_away = AWAY_FROM <= now < AWAY_UNTIL
        messages_of_all = 0.0
        for node in nodes:
            turns = around(sessions[node] * STEP * one["turns"], rng)
            # Who speaks, and who does not, is chance as well.
            speaking = around(sessions[node] * speaks, rng, sessions[node] * speaks * (1 - speaks))
            messages = sessions[node] * up * STEP + speaking * down * STEP
            messages_of_all += messages
            work = messages * m["cpu per message"] + turns * m["ledger cpu per turn"]
            work += dials[node] * A["ms of CPU to begin a session"] / 1e3
            backlog[node] = max(0.0, backlog[node] + work - cpus * STEP)
            seen.node_wait = max(seen.node_wait, backlog[node] / cpus)
            second[node] += work / cpus - second[node] * STEP
            if now > 5:
                if now < KILLED_AT:
                    seen.cpu = max(seen.cpu, second[node])
                seen.cpu_after_kill = max(seen.cpu_after_kill, second[node])

            database = databases[node % means.databases]
            if waiting[node] == 0:
                oldest[node] = now
            waiting[node] += turns * m["rows per turn"] + ended[node] * m["rows per session"]
            seen.spool = max(seen.spool, waiting[node])
            database.backlog += m["database cpu of an idle node"] * STEP
            if is_away:
                continue
            # Conversations are written in time, in statements of their own.
            database.backlog += turns * m["kept cpu per turn"] + dials[node] * m["kept cpu per turn"]
            while next_commit[node] <= now and waiting[node] > 0:
                rows = min(BATCH, waiting[node])
                done = database.commit(max(next_commit[node], now))
                database.backlog += rows * m["database cpu per turn"] / m["rows per turn"]
                if now < AWAY_FROM or now >= CAUGHT_UP_BY:
                    seen.ledger_wait = max(seen.ledger_wait, done - oldest[node])
                waiting[node] -= rows
                oldest[node] = now
                # A full batch is followed by the next.
                next_commit[node] = done if waiting[node] > 0 else max(done, now + 1)
        for database in databases:
            if not is_away:
                database.backlog = max(0.0, database.backlog - database_cpu * STEP)
                if now < AWAY_FROM or now >= CAUGHT_UP_BY:
                    seen.database_wait = max(seen.database_wait, database.backlog / database_cpu)
        if now >= AWAY_UNTIL and seen.catching_up == math.inf:
            per_second = sum(sessions) * one["rows"]
            if sum(waiting) <= 2 * per_second and all(d.backlog < database_cpu for d in databases):
                seen.catching_up = now - AWAY_UNTIL
        carrying = means.balancers - (now >= BALANCER_LOST_AT)
        bits = messages_of_all / one["messages"] * (one["bytes up"] + one["bytes down"]) * 8 / STEP
        seen.balancer = max(seen.balancer, bits / (carrying * A["Gbit/s of a balancer"] * 1e9))
    return seen


# Of what a fleet has too little, and how much it has then.
TOO_LITTLE = {
    "nodes": lambda means, one: dataclasses.replace(
        means, nodes=max(1, math.floor(0.9 * means.sessions * one["cpu"] / A["CPUs of a node"]))),
    "databases": lambda means, one: dataclasses.replace(
        means, databases=max(1, math.floor(0.9 * means.sessions * one["database cpu"] / A["CPUs of a database"]))),
    "addresses": lambda means, _: dataclasses.replace(means, addresses=math.ceil(means.sessions / NAT_PORTS) - 1),
    "balancers": lambda means, _: dataclasses.replace(means, balancers=max(2, math.floor(means.balancers * 0.5))),
}


def canaries(m, one):
    """What does not break although there is too little of it: nothing."""
    means = reckoned(SIZES[-1], one)
    deaf = []
    for name, less in TOO_LITTLE.items():
        if name not in play(less(means, one), m, one).broken():
            deaf.append(name)
    return deaf


def main():
    m = measured()
    one = session(m)
    played = [(means, play(means, m, one)) for means in (reckoned(size, one) for size in SIZES)]
    for means, seen in played:
        if seen.broken():
            sys.exit(f"{means} does not hold, too little of: {', '.join(seen.broken())}\n{seen}")
    if deaf := canaries(m, one):
        sys.exit(f"the simulation does not notice too little of: {', '.join(deaf)}")

    def share(value):
        return f"{value:.0%}"

    rows = [
        ("busiest node's CPUs", lambda seen: share(seen.cpu)),
        ("the same after another has died, and as it comes back", lambda seen: share(seen.cpu_after_kill)),
        ("longest that a row waits for its commit, s", lambda seen: number(seen.ledger_wait)),
        ("rows in the fullest spool after a minute without a database", lambda seen: f"{round(seen.spool, -3):,.0f}"),
        ("seconds until they are written", lambda seen: number(seen.catching_up)),
        ("ports of the NAT in use", lambda seen: share(seen.ports)),
        ("busiest balancer's network, one of them lost", lambda seen: share(seen.balancer)),
    ]
    table_of = table(
        ["sessions at once", *(f"{size:,}" for size in SIZES)],
        [(name, *(figure(seen) for _, seen in played)) for name, figure in rows])
    publish({"played": table_of}, "capacity_simulation.py")


if __name__ == "__main__":
    main()
