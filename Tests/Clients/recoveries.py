"""How long the model's silence lasted: from trouble seen to its next output, from `/metrics`."""

import re

LINE = re.compile(r'turnkeeper_recovery_seconds_(bucket\{.*le="([^"]+)"\}|sum\{.*\}|count\{.*\}) (\S+)')


class Recoveries:
    """The histogram over all tenants and models of one scrape."""

    def __init__(self, metrics):
        self.buckets, self.sum, self.count = {}, 0.0, 0
        for line in metrics.splitlines():
            if not (found := LINE.match(line)):
                continue
            kind, bound, value = found.group(1), found.group(2), float(found.group(3))
            if kind.startswith("bucket"):
                self.buckets[float(bound)] = self.buckets.get(float(bound), 0) + value
            elif kind.startswith("sum"):
                self.sum += value
            else:
                self.count += int(value)

    def bound(self, part):
        """The smallest bound that `part` of all recoveries kept, in seconds."""
        return min(bound for bound, count in self.buckets.items() if count >= part * self.count)

    def __str__(self):
        if self.count == 0:
            return "none"
        bounds = [f"{name} <= {self.bound(part):g} s" for name, part in PARTS]
        return f"{self.count:3}: mean {self.sum / self.count:.2f} s, {', '.join(bounds)}"


PARTS = (("p50", 0.5), ("p90", 0.9), ("max", 1))
