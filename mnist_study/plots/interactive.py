"""The embedding in three dimensions to turn with the mouse: plain HTML, shown in Jupyter, in Colab, or in a browser."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from .style import DIGIT_COLOURS

SPRITE_COLUMNS = 50

# Plotly's own hover labels cannot hold a picture: this draws the hovered digit beside the pointer from one sheet of all.
SCRIPT = """
const plot = document.getElementById('{plot_id}');
const card = document.createElement('div');
card.style.cssText = 'position:absolute;display:none;pointer-events:none;padding:6px;background:#fff;color:#222;' +
  'border:1px solid #888;border-radius:6px;font:12px sans-serif;text-align:center;z-index:10';
card.innerHTML = '<div style="width:84px;height:84px;margin:auto;image-rendering:pixelated"></div><span></span>';
plot.style.position = 'relative';
plot.appendChild(card);
const picture = card.firstChild;
picture.style.backgroundImage = 'url(SHEET)';
picture.style.backgroundSize = (84 * COLUMNS) + 'px auto';
let turning = true;
plot.on('plotly_hover', event => {
  const [cell, index, label] = event.points[0].customdata;
  picture.style.backgroundPosition = (-84 * (cell % COLUMNS)) + 'px ' + (-84 * Math.floor(cell / COLUMNS)) + 'px';
  card.lastChild.textContent = 'label ' + label + ', test image ' + index;
  const box = event.points[0].bbox || {x1: 20, y0: 20};
  card.style.left = Math.min(box.x1 + 12, plot.clientWidth - 130) + 'px';
  card.style.top = Math.max(box.y0 - 50, 5) + 'px';
  card.style.display = 'block';
});
plot.on('plotly_unhover', () => { card.style.display = 'none'; });
for (const name of ['mousedown', 'wheel', 'touchstart'])
  plot.addEventListener(name, () => { turning = false; }, {capture: true, passive: true});
let angle = 0.8;
const turn = () => {
  if (!turning || !plot.isConnected) return;
  if (card.style.display === 'none') {
    angle += 0.01;
    Plotly.relayout(plot, {'scene.camera.eye': {x: 1.7 * Math.cos(angle), y: 1.7 * Math.sin(angle), z: 0.7}});
  }
  setTimeout(turn, 60);
};
turn();
"""

FALLBACK = """
<script>
setTimeout(() => {
  if (!window.Plotly)
    for (const place of document.querySelectorAll('.plotly-graph-div:empty')) {
      place.style.height = 'auto';
      place.textContent = 'plotly.js could not be loaded from the network: see the still picture below, or open ' +
        'umap_3d.html in build/quick or build/full, which carries it along.';
    }
}, 3000);
</script>
"""


def umap_3d_html(points, label, images, index, notice: str = "", plotlyjs="cdn") -> str:
    """A 3-D embedding that turns slowly, stops when touched, and shows the digit under the pointer.

    Args:
        points: float (n, 3).
        label: int (n,).
        images: uint8 (n, 28, 28), the digit of each point.
        index: int (n,), its number in the data set.
        notice: put into the title where the data are not what it says.
        plotlyjs: "cdn" to load plotly.js from its own host, True to carry it along (5 MB more, works offline).

    Returns:
        A piece of HTML.
    """
    figure = go.Figure()
    points = np.round(np.asarray(points, float), 2)
    cell = np.arange(len(points))
    for digit in range(10):
        chosen = label == digit
        colour = "rgb({}, {}, {})".format(*(round(255 * part) for part in DIGIT_COLOURS[digit]))
        x, y, z = points[chosen].T.astype(np.float32)
        details = np.stack([cell[chosen], index[chosen], label[chosen]], axis=1).tolist()
        marker = {"size": 2.5, "color": colour}
        figure.add_scatter3d(
            x=x, y=y, z=z, mode="markers", name=str(digit), marker=marker, customdata=details, hoverinfo="none"
        )
    hidden = {"showticklabels": False, "title": "", "showspikes": False}
    figure.update_layout(
        title=f"UMAP in three dimensions: drag to turn, point at a digit to see it{f'<br>{notice}' if notice else ''}",
        scene={"xaxis": hidden, "yaxis": hidden, "zaxis": hidden},
        legend={"title": "digit", "itemsizing": "constant"},
        margin={"l": 0, "r": 0, "t": 60, "b": 0},
        height=600,
    )
    script = SCRIPT.replace("SHEET", sprite_sheet(images)).replace("COLUMNS", str(SPRITE_COLUMNS))
    config = {"displaylogo": False}
    return figure.to_html(include_plotlyjs=plotlyjs, full_html=False, post_script=script, config=config) + FALLBACK


def sprite_sheet(images: np.ndarray) -> str:
    """All images as one PNG of 16 grey levels, as a data: address; ink dark on white."""
    rows = -(-len(images) // SPRITE_COLUMNS)
    cells = np.zeros((rows * SPRITE_COLUMNS, 28, 28), np.uint8)
    cells[: len(images)] = images
    sheet = cells.reshape(rows, SPRITE_COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, SPRITE_COLUMNS * 28)
    buffer = io.BytesIO()
    picture = Image.fromarray((255 - sheet) // 17)  # levels 0-15
    picture.putpalette([level * 17 for level in range(16) for _ in range(3)])
    picture.save(buffer, "PNG", optimize=True, bits=4)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
