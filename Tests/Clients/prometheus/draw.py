"""Draws boards from what a Prometheus has scraped: one picture a board, panels where Grafana has them."""

import math

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

COLUMNS = 24
COLORS = (
    "#7EB26D #EAB839 #6ED0E0 #EF843C #E24D42 #1F78C1 #BA43A9 #705DA0 #508642 #CCA300 "
    "#447EBC #C15C17 #890F02"
).split()
BACK, PANEL, TEXT, FAINT = "#111217", "#181B1F", "#D8D9DA", "#2C3235"


def draw(prometheus, folder, start, end):
    """Writes `BOARD.png` for every board of `prometheus.panels`."""
    folder.mkdir(parents=True, exist_ok=True)
    boards = {}
    for panel in prometheus.panels:
        boards.setdefault(panel["board"], {}).setdefault(panel["row"], []).append(panel)
    for name, rows in boards.items():
        picture(prometheus, name, rows, folder / f"{name}.png", start, end)


def picture(prometheus, name, rows, file, start, end):
    placed, height = place(rows)
    figure = plt.figure(figsize=(13, height * 0.27), facecolor=BACK)
    for x, y, width, tall, item in placed:
        box = (
            (x + 0.15) / COLUMNS,
            1 - (y + tall - 0.2) / height,
            (width - 0.3) / COLUMNS,
            (tall - 0.35) / height,
        )
        if isinstance(item, str):
            figure.text(box[0], box[1] + box[3] / 2, item, color=TEXT, fontsize=10, va="center")
        else:
            figure.patches.append(
                plt.Rectangle(
                    box[:2], box[2], box[3], transform=figure.transFigure, color=PANEL, zorder=-1
                )
            )
            show(figure, box, item, Answers(prometheus, item, start, end))
    figure.savefig(file, dpi=88, facecolor=BACK, pil_kwargs={"optimize": True})
    plt.close(figure)
    shrink(file)


def shrink(file):
    """To 128 colours: half the bytes, and nobody sees it."""
    from PIL import Image

    Image.open(file).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        file, optimize=True
    )


def place(rows):
    """Rows of 24 columns, as in Grafana: (x, y, width, height, panel or a row's title)."""
    placed, y = [], 0.0
    for title, panels in rows.items():
        placed.append((0, y, COLUMNS, 1.2, title))
        y, x, tall = y + 1.2, 0, 0
        for panel in panels:
            height = 4 if panel["kind"] == "number" else 8
            if x + panel["width"] > COLUMNS:
                y, x, tall = y + tall, 0, 0
            placed.append((x, y, panel["width"], height, panel))
            x, tall = x + panel["width"], max(tall, height)
        y += tall
    return placed, y


class Answers:
    """What Prometheus says to the queries of one panel."""

    def __init__(self, prometheus, panel, start, end):
        self.start, self.end = start, end
        self.series = []
        self.columns = []
        for target in panel["targets"]:
            found = prometheus.series(target["query"], start, end)
            for labels, pairs in found:
                legend = target["legend"]
                for key, value in labels.items():
                    legend = legend.replace("{{" + key + "}}", value)
                self.series.append((legend, pairs))
            data = prometheus.ask("query", query=target["query"], time=end)["result"]
            self.columns.append(
                (target["legend"], {names(row["metric"]): float(row["value"][1]) for row in data})
            )


def names(labels):
    return tuple(sorted((k, v) for k, v in labels.items() if k not in ("__name__", "job")))


def show(figure, box, panel, answers):
    x, y, width, height = box
    inch_x, inch_y = 1 / figure.get_figwidth(), 1 / figure.get_figheight()
    figure.text(
        x + 0.07 * inch_x, y + height - 0.06 * inch_y, panel["title"], color=TEXT, fontsize=8, va="top",
        weight="bold",
    )  # fmt: skip
    if panel["kind"] == "number":
        return number(figure, box, panel, answers)
    if panel["kind"] == "table":
        return table(figure, box, answers)
    inner = (
        x + 0.5 * inch_x,
        y + 0.55 * inch_y,
        width - 0.65 * inch_x,
        height - 0.85 * inch_y,
    )
    axes = figure.add_axes(inner, facecolor=PANEL)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=TEXT, labelsize=6, length=0)
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_xlim(0, answers.end - answers.start)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    if panel["kind"] == "heatmap":
        return heatmap(axes, panel, answers)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value, panel["unit"])))
    lines(axes, panel, answers)


def lines(axes, panel, answers):
    start = answers.start
    # Those that matter first; a dozen zeros under them explain nothing.
    ranked = sorted(answers.series, key=lambda one: -peak(one[1]))[: len(COLORS)]
    if panel["kind"] == "stack":
        times = sorted({time for _, pairs in ranked for time, _ in pairs})
        tables = [dict(pairs) for _, pairs in ranked]
        heights = [[finite(table.get(time, 0)) for time in times] for table in tables]
        if times:
            axes.stackplot(
                [time - start for time in times], heights, colors=COLORS, alpha=0.75, linewidth=0
            )
    else:
        for (_, pairs), color in zip(ranked, COLORS):
            known = [(time - start, value) for time, value in pairs if math.isfinite(value)]
            axes.plot(*zip(*known), color=color, linewidth=1.1) if known else None
    highest = max((peak(pairs) for _, pairs in ranked), default=0)
    axes.set_ylim(0, axes.get_ylim()[1] if highest > 0 else 1)
    legend(axes, [name for name, _ in ranked])


def legend(axes, titles):
    handles = [plt.Line2D([], [], color=color, linewidth=3) for color in COLORS]
    most = [title if len(title) < 26 else title[:24] + "..." for title in titles[:6]]
    if len(titles) > 6:
        most[5] = f"and {len(titles) - 5} more"
    axes.legend(
        handles[: len(most)], most, loc="upper left", bbox_to_anchor=(-0.08, -0.12), ncols=3,
        fontsize=5.5, frameon=False, labelcolor=TEXT, handlelength=1, columnspacing=1,
        borderpad=0, labelspacing=0.3,
    )  # fmt: skip


def heatmap(axes, panel, answers):
    """Buckets are cumulative in Prometheus; each row shows what fell into it."""
    bounds = sorted(answers.series, key=lambda one: float(one[0]))
    times = sorted({time for _, pairs in bounds for time, _ in pairs})
    rows, below = [], [0.0] * len(times)
    for _, pairs in bounds:
        table = dict(pairs)
        here = [finite(table.get(time, 0)) for time in times]
        rows.append([max(0, a - b) for a, b in zip(here, below)])
        below = here
    if rows and times:
        axes.imshow(
            [[math.sqrt(value) for value in row] for row in rows], aspect="auto", origin="lower",
            cmap="inferno", interpolation="nearest",
            extent=(times[0] - answers.start, times[-1] - answers.start, 0, len(rows)),
        )  # fmt: skip
    axes.grid(False)
    axes.set_yticks(range(1, len(bounds) + 1))
    axes.set_yticklabels(
        [shown(float(name), panel["unit"]) for name, _ in bounds], fontsize=5
    )


def number(figure, box, panel, answers):
    x, y, width, height = box
    values = [value for _, pairs in answers.series for _, value in pairs if math.isfinite(value)]
    text = shown(values[-1], panel["unit"]) if values else "-"
    figure.text(
        x + width / 2, y + height * 0.42, text, color=COLORS[0], fontsize=17, ha="center",
        va="center",
    )  # fmt: skip
    if len(values) > 1:
        axes = figure.add_axes((x, y, width, height * 0.3))
        axes.set_axis_off()
        axes.fill_between(range(len(values)), values, min(0, *values), color=COLORS[0], alpha=0.3)
        axes.margins(x=0)


def table(figure, box, answers):
    x, y, width, height = box
    keys = sorted(
        {key for _, rows in answers.columns for key in rows},
        key=lambda key: [-finite(rows.get(key, 0)) for _, rows in answers.columns],
    )
    labels = [name for name, _ in keys[0]] if keys else []
    heads = labels + [legend for legend, _ in answers.columns]
    lines = [heads]
    for key in keys[:9]:
        values = [rows.get(key, math.nan) for _, rows in answers.columns]
        lines.append([value for _, value in key] + [shown(value, "short") for value in values])
    widths = [max(len(line[column]) for line in lines) + 3 for column in range(len(heads))]
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            figure.text(
                x + width * (0.03 + 0.95 * sum(widths[:column]) / sum(widths)),
                y + height * (0.8 - row * 0.085), text,
                color=TEXT if row else COLORS[5], fontsize=6.5, va="center",
            )  # fmt: skip


def peak(pairs):
    return max((value for _, value in pairs if math.isfinite(value)), default=0)


def finite(value):
    return value if math.isfinite(value) else 0


def shown(value, unit):
    if math.isinf(value):
        return "more"
    if math.isnan(value):
        return ""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "currencyUSD":
        return f"${value:.3g}"
    if unit == "bool_yes_no":
        return "yes" if value else "no"
    if unit == "s":
        for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
            if abs(value) * factor >= 1 or value == 0:
                break
        return f"{value * factor:.3g} {name}"
    suffix = {"bytes": "B", "Bps": "B/s", "ops": "/s"}.get(unit, "")
    scale, steps = 1000, ("", "k", "M", "G")
    if unit in ("bytes", "Bps"):
        scale, steps = 1024, ("", "Ki", "Mi", "Gi")
    for prefix in steps:
        if abs(value) < scale or prefix == steps[-1]:
            break
        value /= scale
    return f"{value:.3g} {prefix}{suffix}".strip()
