"""Draws the results: plot.py RESULTS.json OUTPUT.svg. Medians, with the range of the rounds."""

import json
import statistics
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

PANELS = [
    ("voice", "cpu", 1, "Voice load: CPU seconds\nper million messages"),
    ("voice-tls", "cpu", 1, "Voice load, TLS upstream:\nCPU seconds per million messages"),
    ("voice", "rtt_p50", 1, "Voice load: round trip p50,\nmicroseconds"),
    ("window8", "rate", 1e-3, "Saturation, coalescing frames:\nthousand messages per second"),
    ("window1", "rate", 1e-3, "Saturation, single frames:\nthousand messages per second"),
    ("idle5000", "per_session", 1 / 1024, "Memory per idle session\n(5,000 sessions), KiB"),
]
OURS, OTHERS = "#1a7f5a", "#8a94a6"


def main(source, target):
    with open(source) as file:
        samples = json.load(file)
    figure, axes = plt.subplots(2, 3, figsize=(14, 7.5), layout="constrained")
    for axis, (scenario, key, scale, title) in zip(axes.flat, PANELS):
        rows = {}
        for sample in samples:
            if sample["scenario"] == scenario and (sample["peer"] != "direct" or key != "cpu"):
                rows.setdefault(sample["title"], []).append(sample[key] * scale)
        axis.set_title(title, fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
        if not rows:
            axis.text(0.5, 0.5, "not measured", ha="center", transform=axis.transAxes)
            axis.set_axis_off()
            continue
        names = list(rows)[::-1]
        middle = [statistics.median(rows[name]) for name in names]
        spread = [
            [value - min(rows[name]) for name, value in zip(names, middle)],
            [max(rows[name]) - value for name, value in zip(names, middle)],
        ]
        colors = [OURS if name.startswith("Turnkeeper") else OTHERS for name in names]
        bars = axis.barh(names, middle, color=colors, xerr=spread, ecolor="#444", capsize=2)
        axis.bar_label(bars, [f"{value:,.4g}" for value in middle], padding=4, fontsize=8)
        axis.tick_params(labelsize=8)
        if max(middle) > 50 * statistics.median(middle):
            axis.set_xscale("log")
        axis.margins(x=0.18)
    plt.rcParams["svg.hashsalt"] = "turnkeeper"
    figure.savefig(target, metadata={"Date": None})


main(*sys.argv[1:])
