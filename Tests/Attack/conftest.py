def pytest_terminal_summary(terminalreporter):
    """The table of `make attack`."""
    from test_attacks import ROWS

    if not ROWS:
        return
    terminalreporter.write_line("")
    width = max(len(row[1]) for row in ROWS)
    for who, what, tried, outcome in sorted(ROWS):
        terminalreporter.write_line(f"{who:16} {what:{width}} {tried:4}  {outcome}")
