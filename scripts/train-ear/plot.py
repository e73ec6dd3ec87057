"""The loss as a small SVG picture."""
import csv

W, H, LEFT, BOTTOM = 720, 300, 50, 30


def losses(table, path):
    with open(table, newline="") as f:
        rows = [(int(r["step"]), float(r["loss"]), float(r["smoothed"])) for r in csv.DictReader(f)]
    if len(rows) < 2:
        return
    top = max(s for _, _, s in rows) * 1.05
    low = min(s for _, _, s in rows) * 0.9
    first, last = rows[0][0], rows[-1][0]

    def place(step, value):
        x = LEFT + (W - LEFT - 10) * (step - first) / max(1, last - first)
        y = 10 + (H - BOTTOM - 10) * (1 - (min(value, top) - low) / (top - low))
        return f"{x:.1f},{max(y, 2):.1f}"

    thin = rows[::max(1, len(rows) // 700)]
    marks = "".join(f'<text x="4" y="{14 + (H - BOTTOM - 10) * k / 4:.0f}">{top - (top - low) * k / 4:.2f}</text>' for k in range(5))
    marks += "".join(f'<text x="{LEFT + (W - LEFT - 40) * k / 4:.0f}" y="{H - 10}">{first + (last - first) * k // 4}</text>' for k in range(5))
    with open(path, "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" font-family="sans-serif" font-size="11">'
                f'<rect width="{W}" height="{H}" fill="white"/>{marks}<g fill="none">'
                f'<polyline stroke="#c8d4e6" points="{" ".join(place(s, v) for s, v, _ in thin)}"/>'
                f'<polyline stroke="#1f4e9c" stroke-width="2" points="{" ".join(place(s, v) for s, _, v in thin)}"/></g></svg>\n')
